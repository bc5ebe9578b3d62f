// Package testcontainers declares what a recipe uses.
package testcontainers

import (
	"context"
	"errors"
	"io"

	"github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/wait"
)

type Container interface {
	PortEndpoint(ctx context.Context, port exec.Port, scheme string) (string, error)
	Exec(ctx context.Context, command []string, options ...exec.ProcessOption) (int, io.Reader, error)
	Terminate(ctx context.Context, options ...TerminateOption) error
}

type TerminateOption func()

type ContainerRequest struct {
	Image        string
	Env          map[string]string
	ExposedPorts []string
	WaitingFor   wait.Strategy
}

type GenericContainerRequest struct {
	ContainerRequest
	Started bool
}

func GenericContainer(context.Context, GenericContainerRequest) (Container, error) {
	return nil, errors.New("a declaration alone")
}
