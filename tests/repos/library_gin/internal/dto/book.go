package dto

// CreateBookRequest is a new book.
type CreateBookRequest struct {
	Title    string `json:"title" binding:"required,max=200"`
	ISBN     string `json:"isbn" binding:"required,max=20"`
	Pages    int    `json:"pages" binding:"required,min=1"`
	AuthorID uint   `json:"author_id" binding:"required"`
}

// UpdateBookRequest is what is to change of a book.
type UpdateBookRequest struct {
	Title *string `json:"title" binding:"omitempty,min=1,max=200"`
	Pages *int    `json:"pages" binding:"omitempty,min=1"`
}

// ListBooksQuery is what the list of books can be asked for.
type ListBooksQuery struct {
	Page     int   `form:"page,default=1" binding:"min=1,max=1000000"`
	Limit    int   `form:"limit,default=20" binding:"min=1,max=100"`
	AuthorID *uint `form:"author_id"`
}
