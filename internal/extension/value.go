package extension

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Message reads the option that d declares for the element of into m. It
// reports whether the option is set, and whether its bytes are valid for m.
func (d *Declaration) Message(of protoreflect.Descriptor, m proto.Message) (set, ok bool) {
	values, ok := d.values(of, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
	for _, b := range values { // one for each "option (x).field = …", perhaps
		if (proto.UnmarshalOptions{Merge: true}).Unmarshal(b, m) != nil {
			return true, false
		}
	}
	fields := m.ProtoReflect().Descriptor().Fields()
	for _, number := range unknown(m) {
		// A known field that was not read has another type there.
		ok = ok && fields.ByNumber(number) == nil
	}
	return len(values) > 0 || !ok, ok
}

// String returns the value of the option that d declares for of, or "" if it is
// not set or not a string.
func (d *Declaration) String(of protoreflect.Descriptor) string {
	values, ok := d.values(of, descriptorpb.FieldDescriptorProto_TYPE_STRING)
	if !ok || len(values) == 0 {
		return ""
	}
	return string(values[len(values)-1])
}

// values returns the values of d's option of the element of. ok is false if the
// option has another type.
func (d *Declaration) values(of protoreflect.Descriptor, typ descriptorpb.FieldDescriptorProto_Type) (found [][]byte, ok bool) {
	found, ok = values(of, d.Number)
	return found, ok && (d.field == nil || d.field.GetType() == typ || len(found) == 0)
}

// Unknown returns the names of the fields of m that the request declares and
// this program does not know. m was read by d.
func (d *Declaration) Unknown(m proto.Message) []string {
	var names []string
	for _, number := range unknown(m) {
		name := d.fieldName(number)
		if name == "" {
			name = fmt.Sprint("number ", number)
		}
		names = append(names, name)
	}
	return names
}

// UnknownOptions returns the names of other options that d's file declares and
// the element of sets, but the plugin does not know.
func (d *Declaration) UnknownOptions(of protoreflect.Descriptor) []protoreflect.FullName {
	var names []protoreflect.FullName
	for _, e := range d.others {
		if values, ok := values(of, e.Number); !ok || len(values) > 0 {
			names = append(names, e.Name)
		}
	}
	return names
}

// unknown returns the numbers of the fields of m that this program does not know.
func unknown(m proto.Message) []protoreflect.FieldNumber {
	var numbers []protoreflect.FieldNumber
	for b := m.ProtoReflect().GetUnknown(); len(b) > 0; {
		number, _, n := protowire.ConsumeField(b)
		if n < 0 {
			break
		}
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
		b = b[n:]
	}
	return numbers
}

// values returns the bytes of the extension with that number among the options
// of an element, once for each time that it is set. ok is false if it is not
// set as a message, a string or bytes. The extensions that are linked into this
// program make no difference.
func values(of protoreflect.Descriptor, number protoreflect.FieldNumber) (values [][]byte, ok bool) {
	b, err := proto.MarshalOptions{AllowPartial: true}.Marshal(of.Options())
	for ok = err == nil; len(b) > 0; {
		num, typ, n := protowire.ConsumeField(b)
		if n < 0 {
			return values, false
		}
		if num == number {
			_, _, tag := protowire.ConsumeTag(b)
			value, _ := protowire.ConsumeBytes(b[tag:n])
			values = append(values, value)
			ok = ok && typ == protowire.BytesType
		}
		b = b[n:]
	}
	return values, ok
}
