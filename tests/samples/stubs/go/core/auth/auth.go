// Package auth is a stand-in that has the names that samples use.
package auth

type ICredential interface{ IsCredential() }
