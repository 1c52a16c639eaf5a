// Package config reads the settings of the service from its environment.
package config

import (
	"errors"
	"os"
)

// Config holds the settings.
type Config struct {
	DatabasePath string
	JWTSecret    string
	Port         string
}

// Load reads them. There is no default for the secret.
func Load() (Config, error) {
	cfg := Config{
		DatabasePath: get("DATABASE_PATH", "library.db"),
		JWTSecret:    os.Getenv("JWT_SECRET"),
		Port:         get("PORT", "8080"),
	}
	if cfg.JWTSecret == "" {
		return cfg, errors.New("JWT_SECRET is not set")
	}
	return cfg, nil
}

func get(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
