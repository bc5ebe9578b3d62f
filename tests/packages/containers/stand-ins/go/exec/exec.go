// Package exec declares what a recipe uses.
package exec

// Port is that of another package in fact.
type Port string

type ProcessOption interface{ Apply() }

func Multiplexed() ProcessOption { return nil }
