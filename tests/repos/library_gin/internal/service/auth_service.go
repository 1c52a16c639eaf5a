// Package service holds what the library does.
package service

import (
	"context"
	"errors"

	"golang.org/x/crypto/bcrypt"

	"github.com/example/library/internal/apperror"
	"github.com/example/library/internal/auth"
	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/repository"
)

// AuthService signs users in.
type AuthService struct {
	users  *repository.UserRepository
	tokens *auth.Tokens
}

// NewAuthService makes one.
func NewAuthService(users *repository.UserRepository, tokens *auth.Tokens) *AuthService {
	return &AuthService{users: users, tokens: tokens}
}

// Login checks a password and makes a token.
func (s *AuthService) Login(ctx context.Context, input dto.LoginRequest) (string, error) {
	user, err := s.users.ByEmail(ctx, input.Email)
	if errors.Is(err, apperror.ErrNotFound) {
		return "", apperror.ErrUnauthorized
	}
	if err != nil {
		return "", err
	}
	if bcrypt.CompareHashAndPassword([]byte(user.PasswordHash), []byte(input.Password)) != nil {
		return "", apperror.ErrUnauthorized
	}
	return s.tokens.Make(user.ID, user.Role)
}
