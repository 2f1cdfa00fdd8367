package stub

import "reflect"

// Make returns a new message. Generated code passes it to functions that receive many
// messages of a type. If they had a type parameter for the message itself instead of its
// pointer, they would be compiled once for each message, as with comparable. All pointers
// share one compiled version.
func Make[T any]() *T { return new(T) }

// newMessage returns a new message of the type M, which is a pointer, by reflection. It
// is for messages that are received once per call: Make would be more generated code
// without a measurable gain.
func newMessage[M any]() M { return reflect.New(reflect.TypeFor[M]().Elem()).Interface().(M) }

// resetOf returns a function that empties msg before the next message is received into
// it. Otherwise codecs that merge would leave fields of the last message in it. ResetVT
// is vtprotobuf's, which keeps the inside's memory for the next message.
func resetOf(msg any) (reset func()) {
	switch msg := msg.(type) {
	case interface{ ResetVT() }:
		return msg.ResetVT
	case interface{ Reset() }:
		return msg.Reset
	}
	return reflect.ValueOf(msg).Elem().SetZero
}
