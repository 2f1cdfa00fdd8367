// Package kinds has each kind of declaration.
//
// Deprecated: it is for a test only.
package kinds

// Deprecated: a constant.
const Old = 1

// A group.
//
// Deprecated: all of it.
const (
	OldGroupA = iota
	OldGroupB
)

var (
	// OldVar is old.
	//
	// Deprecated: a variable.
	OldVar int
	NewVar int // Deprecated: tools do not read this comment.
)

// OldFunc is old.
//
// Deprecated: a function.
func OldFunc() {}

// NewFunc is not Deprecated: the word must begin a paragraph.
func NewFunc() {}

// OldType is old.
//
// Deprecated: a type.
type OldType struct {
	// Deprecated: a field.
	OldField int
	// Deprecated: an embedded field.
	Empty
	NewField int
}

// Deprecated: a method.
func (OldType) OldMethod() {}

// Deprecated: an alias.
type OldAlias = OldType

type HasOld interface {
	// Deprecated: a method of an interface.
	OldMethod()
	NewMethod()
}

type oldBase[T any] struct {
	// Deprecated: a field of a generic type.
	OldPromoted T
}

// Deprecated: a method of a generic type.
func (oldBase[T]) OldMethod(T) {}

type PromotesOld struct{ oldBase[int] }
