// Package implementation detects at registration that an implementation cannot
// serve. Otherwise its first call would panic on a goroutine of grpc's and end
// the process.
package implementation

import (
	"fmt"
	"reflect"

	"google.golang.org/grpc"
)

// Check returns an error if impl cannot implement the service that desc
// describes:
//
//   - it is nil, or a nil pointer;
//   - it lacks methods of the service;
//   - it embeds the Unimplemented… of the service by a nil pointer, at any
//     depth, or it embeds the service's interface and decorates such an
//     implementation.
//
// An embedded interface of the service may be nil: fakes for tests are often
// made so, and only the methods that they lack panic.
func Check(desc *grpc.ServiceDesc, impl any) error {
	if impl == nil {
		return fmt.Errorf("service %s: the implementation is nil", desc.ServiceName)
	}
	service := reflect.TypeOf(desc.HandlerType)
	if service == nil {
		return nil
	}
	c := checker{desc.ServiceName, service.Elem(), make(map[uintptr]bool)}
	if t := reflect.TypeOf(impl); !t.Implements(c.service) {
		return fmt.Errorf("service %s: %v does not implement %v", c.name, t, c.service)
	}
	return c.check(reflect.ValueOf(impl))
}

// Must panics with the error of Check, like the code of protoc-gen-go-grpc: it
// is a mistake in the program that cannot resolve itself at run time.
func Must(desc *grpc.ServiceDesc, impl any) {
	if err := Check(desc, impl); err != nil {
		panic(fmt.Errorf("gohost: %w", err)) //nolint:forbidigo // a registrar has no result, and the first call would end the process
	}
}

// checker checks the implementations of a service.
type checker struct {
	name    string
	service reflect.Type     // the interface
	seen    map[uintptr]bool // decorators may go in circles
}

// check returns what is wrong with impl, which has all methods of the service.
func (c checker) check(impl reflect.Value) error {
	t := impl.Type()
	if t.Kind() == reflect.Pointer {
		if impl.IsNil() {
			return fmt.Errorf("service %s: the implementation is a nil %v: register a value, such as &%v{}", c.name, t, t.Elem())
		}
		if c.seen[impl.Pointer()] {
			return nil
		}
		c.seen[impl.Pointer()] = true
		impl = impl.Elem()
	}
	if impl.Kind() != reflect.Struct {
		return nil
	}
	// impl may have the methods of these fields: the shallowest of each name.
	for _, field := range reflect.VisibleFields(impl.Type()) {
		if !field.Anonymous {
			continue
		}
		if err := c.checkEmbedded(t, impl, field); err != nil {
			return err
		}
	}
	return nil
}

// checkEmbedded checks an embedded field of impl. impl is a t, or a t points at
// it.
func (c checker) checkEmbedded(t reflect.Type, impl reflect.Value, field reflect.StructField) error {
	embedded, err := impl.FieldByIndexErr(field.Index) // the error means a nil pointer on the way
	named, isPointer := field.Type, field.Type.Kind() == reflect.Pointer
	if isPointer {
		named = named.Elem()
	}
	switch {
	case c.isUnimplemented(named):
		if err != nil || isPointer && embedded.IsNil() {
			return fmt.Errorf("service %s: %v embeds %v by a nil pointer: embed it by value, without *", c.name, t, named)
		}
	case field.Type == c.service && err == nil && !embedded.IsNil():
		return c.check(embedded.Elem())
	}
	return nil
}

// isUnimplemented reports whether t is the type that is generated for
// implementations of the service to embed.
func (c checker) isUnimplemented(t reflect.Type) bool {
	return c.service.Name() != "" && t.PkgPath() == c.service.PkgPath() && t.Name() == "Unimplemented"+c.service.Name()
}
