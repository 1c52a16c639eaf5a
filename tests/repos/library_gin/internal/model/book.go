package model

// Book is a book that an author wrote.
type Book struct {
	Base
	Title    string  `gorm:"size:200;not null" json:"title"`
	ISBN     string  `gorm:"column:isbn;size:20;not null;uniqueIndex" json:"isbn"`
	Pages    int     `gorm:"not null;check:pages > 0" json:"pages"`
	AuthorID uint    `gorm:"not null;index" json:"author_id"`
	Author   *Author `gorm:"constraint:OnDelete:RESTRICT" json:"-"`
}
