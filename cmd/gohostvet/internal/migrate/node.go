package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A node is a set of variables, parameters, results, fields and types that
// change together, since values go from one to the other.
type node struct {
	up *node // the node that this one was united with

	services      map[*service]bool
	server        bool // of servers, not of clients
	blocks        []Left
	renames       []rename
	calls         []call
	news          []rename
	splits        []split
	registrations []rename
	impls         map[string]*types.Named
	nilAt         token.Pos
	called        bool      // a unary method of an XServer
	outside       token.Pos // of what others may see
	order         int
}

// A rename is an identifier that gets another name.
type rename struct {
	file  *file
	ident *ast.Ident
	m     member
}

// A call is that of a method of an XClient.
type call struct {
	file   *file
	recv   ast.Expr
	call   *ast.CallExpr
	method *method
}

// node returns the node of what is declared at pos.
func (p *program) node(prefix string, pos token.Pos) *node {
	key := prefix + p.key(pos)
	n := p.nodes[key]
	if n == nil {
		n = &node{services: make(map[*service]bool), impls: make(map[string]*types.Named), order: len(p.nodes)}
		p.nodes[key] = n
	}
	return n.root()
}

func (n *node) root() *node {
	for n.up != nil {
		n = n.up
	}
	return n
}

func (n *node) block(pos token.Pos, reason string) {
	n = n.root()
	n.blocks = append(n.blocks, errorAt(pos, reason))
}

// unite makes one of two nodes; either may be nil.
func unite(a, b *node) {
	if a == nil || b == nil {
		return
	}
	a, b = a.root(), b.root()
	if a == b {
		return
	}
	b.up = a
	for s := range b.services {
		a.services[s] = true
	}
	for k, t := range b.impls {
		a.impls[k] = t
	}
	a.server = a.server || b.server
	a.blocks = append(a.blocks, b.blocks...)
	a.renames = append(a.renames, b.renames...)
	a.calls = append(a.calls, b.calls...)
	a.news = append(a.news, b.news...)
	a.splits = append(a.splits, b.splits...)
	a.registrations = append(a.registrations, b.registrations...)
	a.called = a.called || b.called
	a.nilAt = max(a.nilAt, b.nilAt)
	a.outside = max(a.outside, b.outside)
	a.order = min(a.order, b.order)
}

// variable returns the node of v, which is used at pos.
func (p *program) variable(v *types.Var, pos token.Pos, m member) *node {
	n := p.node("", v.Pos())
	n.services[m.svc] = true
	n.server = m.role == serverType
	if !v.Pos().IsValid() || p.fileOf(v.Pos()) == nil {
		where := "elsewhere"
		if v.Pkg() != nil {
			where = v.Pkg().Path()
		}
		n.block(pos, m.svc.typeName(m.role)+" is a type of "+where+", which is generated or not among the packages")
	}
	if v.IsField() || v.Parent() == nil || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		n.outside = pos
	}
	return n
}

func (s *service) typeName(r role) string {
	if r == serverType {
		return s.pkg.Name() + "." + s.name + "Server"
	}
	return s.pkg.Name() + "." + s.name + "Client"
}

// impl returns the node of the type t, an implementation of m's service.
func (p *program) impl(t types.Type, pos token.Pos, m member) *node {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() > 0 {
		n := p.node("value ", pos)
		n.services[m.svc], n.server = true, true
		n.block(pos, "the type of this server is not followed")
		return n
	}
	n := p.node("", named.Obj().Pos())
	n.services[m.svc], n.server = true, true
	n.impls[p.key(named.Obj().Pos())] = named
	n.outside = pos
	if p.fileOf(named.Obj().Pos()) == nil {
		n.block(pos, named.Obj().Name()+" is generated, or not among the packages")
	}
	return n
}
