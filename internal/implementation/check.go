// Package implementation finds out, when a service is registered, that its
// implementation cannot serve: its first call would panic on a goroutine of
// grpc's, and end the process.
package implementation

import (
	"fmt"
	"reflect"

	"google.golang.org/grpc"
)

// Check returns an error where impl cannot be the implementation of the service
// that desc describes:
//
//   - it is nil, or a nil pointer;
//   - it lacks methods of the service;
//   - it embeds the Unimplemented… of the service by a nil pointer, at any
//     depth, or it is a decorator of such a one, whose interface it embeds.
//
// An embedded interface of the service may be nil: a fake, of which a test says
// what it answers, is often made so, and only the methods that it lacks panic.
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

// Must panics with the error of Check, as code of protoc-gen-go-grpc does: it is
// a mistake of the program, and nothing that may become better at run time.
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

// check returns what is wrong with impl, which has all methods.
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
	// These are the fields whose methods impl may have: the shallowest of a name.
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

// checkEmbedded checks an embedded field of impl, which is of the type t or what
// a t points at.
func (c checker) checkEmbedded(t reflect.Type, impl reflect.Value, field reflect.StructField) error {
	embedded, err := impl.FieldByIndexErr(field.Index) // it is an error that there is a nil pointer on the way
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

// isUnimplemented tells whether t is what is generated beside the interface of
// the service, for implementations to embed.
func (c checker) isUnimplemented(t reflect.Type) bool {
	return c.service.Name() != "" && t.PkgPath() == c.service.PkgPath() && t.Name() == "Unimplemented"+c.service.Name()
}
