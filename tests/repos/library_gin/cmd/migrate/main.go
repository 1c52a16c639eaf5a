// Command migrate changes the schema of the library: up, down, up-to NUMBER.
package main

import (
	"log"
	"os"

	"github.com/example/library/internal/config"
	"github.com/example/library/internal/database"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: migrate up|down|up-to NUMBER")
	}
	cfg, err := config.Load()
	if err != nil {
		log.Fatal(err)
	}
	db, err := database.Open(cfg.DatabasePath)
	if err != nil {
		log.Fatal(err)
	}
	if err := database.Run(db, os.Args[1], os.Args[2:]...); err != nil {
		log.Fatal(err)
	}
}
