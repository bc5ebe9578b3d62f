// Package sdkerr is a stand-in that has the names that samples use.
package sdkerr

type ServiceResponseError struct {
	StatusCode                  int
	RequestId                   string
	ErrorCode                   string
	ErrorMessage                string
	EncodedAuthorizationMessage string
}

func (err *ServiceResponseError) Error() string { return err.ErrorMessage }

// Refusal is what stubs answer where they refuse.
func Refusal() error {
	return &ServiceResponseError{403, "an-id", "CODE", "message", "sealed"}
}
