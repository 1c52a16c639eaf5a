// Package database opens the database and keeps its schema.
package database

import (
	"context"
	"fmt"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/example/library/migrations"
)

// Open connects to the database file. Foreign keys are checked, and writers wait for each other.
func Open(path string) (*gorm.DB, error) {
	dsn := fmt.Sprintf("file:%s?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)", path)
	return gorm.Open(sqlite.Open(dsn), &gorm.Config{Logger: logger.Default.LogMode(logger.Silent)})
}

// Migrate brings the schema up to date.
func Migrate(db *gorm.DB) error {
	return Run(db, "up")
}

// Run does what goose calls so: up, down, up-to with a number.
func Run(db *gorm.DB, command string, args ...string) error {
	conn, err := db.DB()
	if err != nil {
		return err
	}
	goose.SetBaseFS(migrations.Files)
	goose.SetLogger(goose.NopLogger())
	if err := goose.SetDialect("sqlite3"); err != nil {
		return err
	}
	return goose.RunContext(context.Background(), command, conn, ".", args...)
}
