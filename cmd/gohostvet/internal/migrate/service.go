package migrate

import (
	"go/token"
	"go/types"
	"strings"
)

// A service is what both plugins generate for one service.
type service struct {
	pkg     *types.Package
	name    string // X of XClient
	methods map[string]*method
	missing string // why nothing of it can be moved, or ""
}

// A method is one RPC.
type method struct {
	name     string
	kind     kind
	req, res types.Type
}

// calledDirectly says that a handler of m is called with a stream, and what to write.
func (m *method) calledDirectly() string {
	instead := "range over " + m.name + "(ctx, req)"
	switch m.kind {
	case bidirectional:
		instead = "range over " + m.name + "(ctx, stream.Of(requests...))"
	case clientStreaming:
		instead = "call " + m.name + "(ctx, stream.Of(requests...))"
	}
	return m.name + " is called directly: " + instead + " instead"
}

type kind int

const (
	unary kind = iota
	serverStreaming
	clientStreaming
	bidirectional
)

func (k kind) String() string {
	return [...]string{"unary", "server-streaming", "client-streaming", "bidirectional"}[k]
}

// A role is what a name that protoc-gen-go-grpc generates is for.
type role int

const (
	noRole        role = iota
	clientType         // XClient
	serverType         // XServer
	newClient          // NewXClient
	register           // RegisterXServer
	unimplemented      // UnimplementedXServer
	unsafeServer       // UnsafeXServer
	serviceDesc        // X_ServiceDesc
	fullMethod         // X_M_FullMethodName
)

// A member is what a name of a package is, and what takes its place.
type member struct {
	svc  *service
	role role
	name string
}

// member returns what obj is for; its role is noRole where it is no name of a
// service.
func (p *program) member(obj types.Object) member {
	if obj == nil || obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
		return member{}
	}
	members, ok := p.services[obj.Pkg().Path()]
	if !ok {
		members = membersOf(obj.Pkg())
		p.services[obj.Pkg().Path()] = members
	}
	return members[obj.Name()]
}

// serviceType returns the service whose XClient or XServer t is.
func (p *program) serviceType(t types.Type) member {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return member{}
	}
	if m := p.member(named.Obj()); m.role == clientType || m.role == serverType {
		return m
	}
	return member{}
}

func membersOf(pkg *types.Package) map[string]member {
	members := make(map[string]member)
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		x, ok := strings.CutPrefix(name, "New")
		if !ok {
			continue
		}
		x, ok = strings.CutSuffix(x, "Client")
		if !ok || x == "" {
			continue
		}
		svc := serviceOf(pkg, x)
		if svc == nil {
			continue
		}
		add := func(name string, role role, to string) { members[name] = member{svc, role, to} }
		add(x+"Client", clientType, x)
		add(x+"Server", serverType, x)
		add(name, newClient, "New"+x+"Stub")
		add("Register"+x+"Server", register, "Register"+x)
		add("Unimplemented"+x+"Server", unimplemented, "Unimplemented"+x)
		add("Unsafe"+x+"Server", unsafeServer, "")
		add(x+"_ServiceDesc", serviceDesc, x+"Desc")
		for m := range svc.methods {
			add(x+"_"+m+"_FullMethodName", fullMethod, x+"_"+m+"_Method")
		}
	}
	return members
}

const generateFirst = ": generate it by protoc-gen-gohost first"

// serviceOf returns service x of pkg, nil where there is none.
func serviceOf(pkg *types.Package, x string) *service {
	client, ok := pkg.Scope().Lookup(x + "Client").(*types.TypeName)
	if !ok || pkg.Scope().Lookup(x+"Server") == nil || pkg.Scope().Lookup("Register"+x+"Server") == nil {
		return nil
	}
	methods, ok := client.Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	svc := &service{pkg: pkg, name: x, methods: make(map[string]*method)}
	for f := range methods.Methods() {
		m := methodOf(f)
		if m == nil {
			return nil
		}
		svc.methods[f.Name()] = m
	}
	for _, name := range []string{x, x + "Stub", "New" + x + "Stub", "Register" + x, "Unimplemented" + x} {
		if pkg.Scope().Lookup(name) == nil {
			svc.missing = pkg.Path() + " has no " + name + generateFirst
			break
		}
	}
	return svc
}

// methodOf returns the RPC that f of an XClient calls, nil if f is none.
func methodOf(f *types.Func) *method {
	sig := f.Signature()
	if !sig.Variadic() || sig.Results().Len() != 2 {
		return nil
	}
	m := &method{name: f.Name()}
	first := sig.Results().At(0).Type()
	switch sig.Params().Len() {
	case 3:
		m.req, m.res = sig.Params().At(1).Type(), first
		if recv := methodNamed(first, "Recv"); recv != nil && methodNamed(first, "CloseSend") != nil {
			m.kind, m.res = serverStreaming, recv.Results().At(0).Type()
		}
	case 2:
		send := methodNamed(first, "Send")
		if send == nil || send.Params().Len() != 1 {
			return nil
		}
		m.kind, m.req = bidirectional, send.Params().At(0).Type()
		recv := methodNamed(first, "Recv")
		if recv == nil {
			m.kind, recv = clientStreaming, methodNamed(first, "CloseAndRecv")
		}
		if recv == nil || recv.Results().Len() != 2 {
			return nil
		}
		m.res = recv.Results().At(0).Type()
	default:
		return nil
	}
	return m
}

func methodNamed(t types.Type, name string) *types.Signature {
	if !types.IsInterface(t) {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	if f, ok := obj.(*types.Func); ok {
		return f.Signature()
	}
	return nil
}

// errorAt is a Left at pos.
func errorAt(pos token.Pos, reason string) Left { return Left{Pos: pos, Reason: reason} }
