package kinds

import (
	"cmp"
	"iter"
)

func Generic[K cmp.Ordered, V any](seq iter.Seq2[K, V], less func(a, b V) bool) map[K]V { return nil }

func Constrained[S ~[]E, E Number, P interface {
	*E
	Set(string)
}](s S) (max E) {
	return
}

// Pair has a method that gives its type parameters other names.
type Pair[A, B any] struct {
	Left  A
	Right B
	pairBase[B]
}

func (p Pair[X, Y]) Swap() Pair[Y, X] { return Pair[Y, X]{} }

func (p *Pair[_, Y]) Set(right Y) {}

type pairBase[T any] struct{ Base []T }

func (pairBase[T]) OfBase() T { panic("") }

type OfInts struct{ pairBase[int] }

type Set[T comparable] map[T]struct{}

func (s Set[T]) All() iter.Seq[T] { return nil }

type Source[T any] interface{ Next() (T, bool) }

type PairAlias[T any] = Pair[T, int]

// Lists hands out an unexported generic type.
func Lists() *list[string] { return nil }

type list[T any] struct{ Next *list[T] }

func (l *list[T]) Len() int { return 0 }
