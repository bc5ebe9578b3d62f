// Package wait declares what a recipe uses.
package wait

import "github.com/testcontainers/testcontainers-go/exec"

type Strategy interface{ isStrategy() }

type MultiStrategy struct{ Strategy }

type LogStrategy struct{ Strategy }

type HTTPStrategy struct{ Strategy }

func ForAll(...Strategy) *MultiStrategy { return nil }

func ForLog(string) *LogStrategy { return nil }

func ForHTTP(string) *HTTPStrategy { return nil }

func (s *HTTPStrategy) WithPort(exec.Port) *HTTPStrategy { return s }
