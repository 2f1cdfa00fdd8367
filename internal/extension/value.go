package extension

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Message reads the option that d declares of the element of into m, and tells
// whether it is set, and whether its bytes are those of an m.
func (d *Declaration) Message(of protoreflect.Descriptor, m proto.Message) (set, ok bool) {
	values, ok := d.values(of, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
	for _, b := range values { // each "option (x).field = …" may be one
		if (proto.UnmarshalOptions{Merge: true}).Unmarshal(b, m) != nil {
			return true, false
		}
	}
	fields := m.ProtoReflect().Descriptor().Fields()
	for _, number := range unknown(m) {
		// What is known and was not read is another kind of field there.
		ok = ok && fields.ByNumber(number) == nil
	}
	return len(values) > 0 || !ok, ok
}

// String returns the option that d declares of the element of, "" where it is
// not set or no string.
func (d *Declaration) String(of protoreflect.Descriptor) string {
	values, ok := d.values(of, descriptorpb.FieldDescriptorProto_TYPE_STRING)
	if !ok || len(values) == 0 {
		return ""
	}
	return string(values[len(values)-1])
}

// values returns the values of the option of d of the element of. It is not ok if
// it is of another type.
func (d *Declaration) values(of protoreflect.Descriptor, typ descriptorpb.FieldDescriptorProto_Type) (found [][]byte, ok bool) {
	found, ok = values(of, d.Number)
	return found, ok && (d.field == nil || d.field.GetType() == typ || len(found) == 0)
}

// Unknown returns the names of the fields that m, which was read by d, has in the
// request and not in this program.
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

// UnknownOptions returns the names of the options that the file of d declares
// beside it, the element of sets, and the plugin does not know.
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
// of an element: once for each time that it is set. It is not ok if it is set as
// something else than a message, a string or bytes. What this program knows of
// extensions makes no difference.
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
