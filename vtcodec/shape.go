package vtcodec

import (
	"reflect"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// kind describes the messages of a Go type.
type kind struct {
	fast    bool // vtprotobuf's code treats plain bytes like proto
	strings bool // there are strings that must be UTF-8
	shape   *shape
}

var kinds sync.Map // *kind by reflect.Type

func kindOf(m message) *kind {
	t := reflect.TypeOf(m)
	if k, ok := kinds.Load(t); ok {
		return k.(*kind)
	}
	k, _ := kinds.LoadOrStore(t, newKind(m.ProtoReflect().Descriptor()))
	return k.(*kind)
}

// newKind returns the kind of the messages that d describes. It visits all
// messages that they may contain.
func newKind(d protoreflect.MessageDescriptor) *kind {
	all := make(shapes)
	k := &kind{fast: true, shape: all.of(d)}
	for _, s := range all {
		k.fast = k.fast && !s.unlike
		k.strings = k.strings || s.strings
	}
	return k
}

// shape describes the bytes of a message.
type shape struct {
	fields []*field // by number, those of low ones
	others map[protowire.Number]*field
	closed bool   // without unknown fields
	all    uint64 // the bits of the messages that must be there

	unlike  bool // vtprotobuf's code differs from proto
	strings bool // has strings that must be UTF-8
	zeros   bool // SizeVT does not count everything that may be set: a negative zero
}

// field describes a field.
type field struct {
	wire    protowire.Type // of a value
	list    bool
	utf8    bool   // must be UTF-8
	message *shape // nil if it is not a message
	// once is a bit for a message that must not appear twice: proto always
	// merges the two, vtprotobuf's code only sometimes.
	once uint64
}

// low is the number from which fields are looked up in a map.
const low = 128

func (s *shape) field(n protowire.Number) *field {
	if int(n) < len(s.fields) {
		return s.fields[n]
	}
	return s.others[n]
}

// shapes has the shapes of a message and of all messages that it may contain.
type shapes map[protoreflect.FullName]*shape

func (all shapes) of(d protoreflect.MessageDescriptor) *shape {
	if s := all[d.FullName()]; s != nil {
		return s
	}
	s := new(shape)
	all[d.FullName()] = s
	// vtprotobuf's code drops extensions, and has its own types for well-known ones,
	// without unknown fields.
	s.unlike = d.ExtensionRanges().Len() > 0
	s.closed = d.ParentFile().Package() == "google.protobuf"
	leavesBytes := hasResetVT(d)
	messages := 0
	for i := range d.Fields().Len() {
		fd := d.Fields().Get(i)
		f := &field{wire: wireTypes[fd.Kind()], list: fd.IsList(), utf8: enforcesUTF8(fd)}
		if fd.Message() != nil {
			f.message = all.of(fd.Message())
			if !fd.IsList() && !fd.IsMap() {
				f.once = 1 << messages
				messages++
			}
		}
		s.strings = s.strings || f.utf8
		switch fd.Kind() {
		case protoreflect.FloatKind, protoreflect.DoubleKind:
			s.zeros = s.zeros || !fd.HasPresence() && !fd.IsList()
		case protoreflect.GroupKind: // is not understood
			s.unlike = true
		case protoreflect.BytesKind: // ResetVT leaves them set
			s.unlike = s.unlike || leavesBytes && isOptional(fd)
		}
		s.add(fd.Number(), f)
	}
	s.unlike = s.unlike || messages > 64
	if d.IsMapEntry() {
		s.all = 1<<messages - 1 // for a missing one, vtprotobuf's code leaves nil
	}
	return s
}

func (s *shape) add(n protowire.Number, f *field) {
	if n >= low {
		if s.others == nil {
			s.others = make(map[protowire.Number]*field)
		}
		s.others[n] = f
		return
	}
	for int(n) >= len(s.fields) {
		s.fields = append(s.fields, nil)
	}
	s.fields[n] = f
}

// hasResetVT reports whether the messages that d describes have ResetVT.
func hasResetVT(d protoreflect.MessageDescriptor) bool {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return !d.IsMapEntry() // the safe assumption
	}
	_, ok := t.Zero().Interface().(interface{ ResetVT() })
	return ok
}

// isOptional reports whether fd is a singular field with presence.
func isOptional(fd protoreflect.FieldDescriptor) bool {
	oneof := fd.ContainingOneof()
	return fd.HasPresence() && (oneof == nil || oneof.IsSynthetic())
}

// enforcesUTF8 reports whether proto refuses invalid UTF-8 in fd.
func enforcesUTF8(fd protoreflect.FieldDescriptor) bool {
	if fd.Kind() != protoreflect.StringKind {
		return false
	}
	switch fd.ParentFile().Syntax() {
	case protoreflect.Proto2:
		return false
	case protoreflect.Editions:
		e, ok := fd.(interface{ EnforceUTF8() bool })
		return !ok || e.EnforceUTF8()
	}
	return true
}

var wireTypes = map[protoreflect.Kind]protowire.Type{
	protoreflect.BoolKind:     protowire.VarintType,
	protoreflect.EnumKind:     protowire.VarintType,
	protoreflect.Int32Kind:    protowire.VarintType,
	protoreflect.Sint32Kind:   protowire.VarintType,
	protoreflect.Uint32Kind:   protowire.VarintType,
	protoreflect.Int64Kind:    protowire.VarintType,
	protoreflect.Sint64Kind:   protowire.VarintType,
	protoreflect.Uint64Kind:   protowire.VarintType,
	protoreflect.Sfixed32Kind: protowire.Fixed32Type,
	protoreflect.Fixed32Kind:  protowire.Fixed32Type,
	protoreflect.FloatKind:    protowire.Fixed32Type,
	protoreflect.Sfixed64Kind: protowire.Fixed64Type,
	protoreflect.Fixed64Kind:  protowire.Fixed64Type,
	protoreflect.DoubleKind:   protowire.Fixed64Type,
	protoreflect.StringKind:   protowire.BytesType,
	protoreflect.BytesKind:    protowire.BytesType,
	protoreflect.MessageKind:  protowire.BytesType,
	protoreflect.GroupKind:    protowire.StartGroupType,
}
