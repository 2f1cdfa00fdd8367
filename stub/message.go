package stub

import "reflect"

// Make returns a new message. Generated code hands it to what receives many of a
// type. A type parameter there for what a pointer points to would make the
// compiler compile all that has it once for each message, as comparable does,
// while all pointers are alike to it.
func Make[T any]() *T { return new(T) }

// newMessage returns a new message of the type M, which is a pointer, by
// reflection. It is for what is received once in a call, where Make would be more
// generated code for nothing that can be measured.
func newMessage[M any]() M { return reflect.New(reflect.TypeFor[M]().Elem()).Interface().(M) }

// resetOf returns what empties msg, into which the next message is received:
// codecs that merge what they decode would else leave fields of the message before
// in it. ResetVT is the one of vtprotobuf, which keeps memory that is inside for
// the next message.
func resetOf(msg any) (reset func()) {
	switch msg := msg.(type) {
	case interface{ ResetVT() }:
		return msg.ResetVT
	case interface{ Reset() }:
		return msg.Reset
	}
	return reflect.ValueOf(msg).Elem().SetZero
}
