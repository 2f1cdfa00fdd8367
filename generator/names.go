package generator

import "google.golang.org/protobuf/compiler/protogen"

// serviceNames holds the Go names that a service declares in its package.
type serviceNames struct {
	Interface     string
	NameConst     string
	HostConst     string
	Hosts         string // the variable with all declarations about hosts
	Stub          string
	NewStub       string
	Register      string
	Unimplemented string
	Desc          string
	With          string // a method of the stub
}

// namesOf returns the names of s.
func namesOf(s *protogen.Service) serviceNames {
	n := s.GoName
	return serviceNames{
		Interface:     n,
		NameConst:     n + "Name",
		HostConst:     n + "Host",
		Hosts:         n + "Hosts",
		Stub:          n + "Stub",
		NewStub:       "New" + n + "Stub",
		Register:      "Register" + n,
		Unimplemented: "Unimplemented" + n,
		Desc:          n + "Desc",
		With:          withName(s),
	}
}

// withName returns "With", or a longer name if the service has a method of that
// name: the stub has both.
func withName(s *protogen.Service) string {
	name := "With"
	for taken := true; taken; {
		taken = false
		for _, m := range s.Methods {
			if m.GoName == name {
				taken, name = true, name+"CallOptions"
			}
		}
	}
	return name
}

// declared returns the names that s declares in its package.
func (n serviceNames) declared() []string {
	return []string{n.Interface, n.NameConst, n.HostConst, n.Hosts, n.Stub, n.NewStub, n.Register, n.Unimplemented, n.Desc}
}

// methodConst returns the name of the constant with the method's full name.
func methodConst(m *protogen.Method) string { return m.Parent.GoName + "_" + m.GoName + "_Method" }

// handlerFunc returns the name of the function that handles the calls of the
// method. It differs from that of protoc-gen-go-grpc.
func handlerFunc(m *protogen.Method) string { return "handle" + m.Parent.GoName + "_" + m.GoName }

// methodHostConst returns the name of the constant with the method's own host.
func methodHostConst(m *protogen.Method) string { return m.Parent.GoName + "_" + m.GoName + "_Host" }

// fullName returns the method as it is on the wire.
func fullName(m *protogen.Method) string {
	return "/" + string(m.Parent.Desc.FullName()) + "/" + string(m.Desc.Name())
}
