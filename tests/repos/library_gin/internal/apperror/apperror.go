// Package apperror holds what can go wrong in words that every layer understands.
package apperror

import "errors"

var (
	// ErrNotFound says that a row is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that a row like this exists already, or is still in use.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that a request makes no sense, as when it refers to what is not there.
	ErrInvalid = errors.New("invalid")
	// ErrForbidden says that somebody may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrUnauthorized says that somebody is not who they say.
	ErrUnauthorized = errors.New("unauthorized")
)
