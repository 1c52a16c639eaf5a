package users

import (
	"database/sql"
	"fmt"
	"os"
	"testing"
)

type UserService struct {
	db *sql.DB
}

func (s *UserService) Find(id string) (*User, error) {
	user, err := s.db.Query(fmt.Sprintf("select * from users where id = '%s'", id))
	if err != nil {
		return nil, err
	}
	return user, nil
}

func (s *UserService) Rename(users []User, id string) {
	for _, one := range users {
		one.Touch(os.Getenv("DATABASE_URL"))
	}
}

func TestFind(t *testing.T) {
	NewUserService().Find("1")
}
