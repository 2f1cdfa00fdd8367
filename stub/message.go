package stub

import "reflect"

// newMessage returns a new message of the type M, which is a pointer. By
// reflection: a type parameter for what it points to would make the compiler
// compile all that has it once for each message, as comparable does, while all
// pointers are alike to it.
func newMessage[M any]() M { return reflect.New(reflect.TypeFor[M]().Elem()).Interface().(M) }

// reset empties msg, into which the next message is received: codecs that merge
// what they decode would else leave fields of the message before in it. ResetVT
// is the one of vtprotobuf, which keeps memory that is inside for the next
// message.
func reset(msg any) {
	switch msg := msg.(type) {
	case interface{ ResetVT() }:
		msg.ResetVT()
	case interface{ Reset() }:
		msg.Reset()
	default:
		reflect.ValueOf(msg).Elem().SetZero()
	}
}
