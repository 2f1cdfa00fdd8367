// Package stream stands for the real one in the corpora.
package stream

import "iter"

func Of[T any](msgs ...T) iter.Seq2[T, error]                                         { return nil }
func From[T any](seq iter.Seq[T]) iter.Seq2[T, error]                                 { return nil }
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error)                             { return nil, nil }
func Map[T, U any](seq iter.Seq2[T, error], f func(T) (U, error)) iter.Seq2[U, error] { return nil }
