package repository

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/example/library/internal/apperror"
)

// translate says in our words what the database refused.
func translate(db *gorm.DB, err error) error {
	if translator, ok := db.Dialector.(gorm.ErrorTranslator); ok {
		err = translator.Translate(err)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return fmt.Errorf("%w: this exists already", apperror.ErrConflict)
	case errors.Is(err, gorm.ErrForeignKeyViolated), strings.Contains(err.Error(), "FOREIGN KEY constraint failed"):
		return fmt.Errorf("%w: what it refers to is not there, or still needs it", apperror.ErrConflict)
	}
	return err
}
