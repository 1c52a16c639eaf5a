// Package repository asks the database.
package repository

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/example/library/internal/apperror"
	"github.com/example/library/internal/model"
)

// UserRepository keeps users.
type UserRepository struct {
	db *gorm.DB
}

// NewUserRepository makes one.
func NewUserRepository(db *gorm.DB) *UserRepository {
	return &UserRepository{db: db}
}

// ByEmail finds the user of an address.
func (r *UserRepository) ByEmail(ctx context.Context, email string) (*model.User, error) {
	var user model.User
	err := r.db.WithContext(ctx).Where("email = ?", email).First(&user).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, apperror.ErrNotFound
	}
	return &user, err
}
