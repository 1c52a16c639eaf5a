package model

// Roles of users.
const (
	RoleMember = "member"
	RoleAdmin  = "admin"
)

// User is somebody who signs in.
type User struct {
	Base
	Email        string `gorm:"size:254;not null;uniqueIndex" json:"email"`
	PasswordHash string `gorm:"size:100;not null" json:"-"`
	Role         string `gorm:"size:20;not null;default:member" json:"role"`
}
