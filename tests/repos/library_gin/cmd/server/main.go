// Command server serves the library.
package main

import (
	"log"

	"github.com/example/library/internal/config"
	"github.com/example/library/internal/database"
	"github.com/example/library/internal/router"
)

func main() {
	cfg, err := config.Load()
	if err != nil {
		log.Fatal(err)
	}
	db, err := database.Open(cfg.DatabasePath)
	if err != nil {
		log.Fatal(err)
	}
	if err := router.New(db, cfg).Run("127.0.0.1:" + cfg.Port); err != nil {
		log.Fatal(err)
	}
}
