// Package basic is a stand-in that has the names that samples use.
package basic

type Credentials struct{}

func (credentials *Credentials) IsCredential() {}

type CredentialsBuilder struct{}

func NewCredentialsBuilder() *CredentialsBuilder { return &CredentialsBuilder{} }

func (builder *CredentialsBuilder) WithAk(ak string) *CredentialsBuilder { return builder }

func (builder *CredentialsBuilder) WithSk(sk string) *CredentialsBuilder { return builder }

func (builder *CredentialsBuilder) WithProjectId(id string) *CredentialsBuilder { return builder }

func (builder *CredentialsBuilder) SafeBuild() (*Credentials, error) { return &Credentials{}, nil }
