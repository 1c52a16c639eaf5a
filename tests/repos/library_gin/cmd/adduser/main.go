// Command adduser adds somebody who signs in with the password in LIBRARY_PASSWORD.
package main

import (
	"log"
	"os"

	"golang.org/x/crypto/bcrypt"

	"github.com/example/library/internal/config"
	"github.com/example/library/internal/database"
	"github.com/example/library/internal/model"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: adduser EMAIL member|admin")
	}
	cfg, err := config.Load()
	if err != nil {
		log.Fatal(err)
	}
	db, err := database.Open(cfg.DatabasePath)
	if err != nil {
		log.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(os.Getenv("LIBRARY_PASSWORD")), bcrypt.DefaultCost)
	if err != nil {
		log.Fatal(err)
	}
	user := model.User{Email: os.Args[1], PasswordHash: string(hash), Role: os.Args[2]}
	if err := db.Create(&user).Error; err != nil {
		log.Fatal(err)
	}
}
