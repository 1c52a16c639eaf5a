// Package auth makes and reads the tokens that users sign in with.
package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are what a token says.
type Claims struct {
	UserID uint   `json:"uid"`
	Role   string `json:"role"`
	jwt.RegisteredClaims
}

// Tokens makes tokens with a secret.
type Tokens struct {
	secret []byte
}

// NewTokens makes one.
func NewTokens(secret string) *Tokens {
	return &Tokens{secret: []byte(secret)}
}

// Make signs a token that is valid for a day.
func (t *Tokens) Make(userID uint, role string) (string, error) {
	claims := Claims{UserID: userID, Role: role, RegisteredClaims: jwt.RegisteredClaims{
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(24 * time.Hour)),
	}}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.secret)
}

// Read returns what a token says, if it is ours.
func (t *Tokens) Read(token string) (*Claims, error) {
	claims := &Claims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) {
		return t.secret, nil
	}, jwt.WithValidMethods([]string{"HS256"}))
	return claims, err
}
