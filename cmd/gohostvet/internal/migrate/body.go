package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// signature replaces the parameters, and puts before what follows the brace
// that opens the body.
func (h *handler) signature(result, before string) {
	context := h.name("context", "context")
	params := h.ctx + " " + context + ".Context"
	seq := func(t types.Type) string {
		return h.name("iter", "iter") + ".Seq2[" + h.typeName(t) + ", error]"
	}
	if h.req != nil {
		params += ", " + h.p.text(h.f, h.req)
		if len(h.req.Names) == 0 {
			params = context + ".Context, " + h.p.text(h.f, h.req)
		}
	} else if len(h.loops)+len(h.recvs)+len(h.raws)+len(h.delegations) > 0 || h.givesRecv() || h.givesReqs() {
		params += ", " + h.reqs + " " + seq(h.method.req)
	} else {
		params += ", _ " + seq(h.method.req)
	}
	if result == "" {
		result = seq(h.method.res)
	}
	h.plan.replace(h.f, h.decl.Type.Params.Pos(), h.decl.Body.Lbrace+1, "("+params+") "+result+" {"+before)
}

// receives plans what becomes of the Recvs, and returns what is to be put at
// the beginning of the body.
func (h *handler) receives() string {
	for _, loop := range h.loops {
		for _, e := range loop.header(h.p, h.reqs, span{}, "") {
			h.plan.add(h.f, e)
		}
	}
	recv := h.fresh("recv", "recvMsg", "receive")
	for _, g := range h.gifts {
		h.give(g, parts{h.ctx, h.send, recv, h.reqs})
	}
	if len(h.recvs)+len(h.raws) == 0 && !h.givesRecv() {
		return ""
	}
	for _, raw := range h.raws {
		raw.change(h.plan, h.f, recv, h.typeName(h.method.req))
	}
	for _, sel := range h.recvs {
		h.plan.replace(h.f, sel.Pos(), sel.End(), recv)
	}
	return fmt.Sprintf(`
// %[1]s goes on where the last loop stopped: the requests of a call are one stream.
%[1]s := func() (%[2]s, error) {
for req, err := range %[3]s {
return req, err
}
return nil, %[4]s.EOF
}
`, recv, h.typeName(h.method.req), h.reqs, h.name("io", "io"))
}

// givesRecv reports whether a function that is given the stream receives from it.
func (h *handler) givesRecv() bool {
	return slices.ContainsFunc(h.gifts, func(g gift) bool { return g.needs.recv })
}

// givesReqs reports whether a function that is given the stream ranges the requests.
func (h *handler) givesReqs() bool {
	return slices.ContainsFunc(h.gifts, func(g gift) bool { return g.needs.reqs })
}

// givesSend reports whether a function that is given the stream sends by it.
func (h *handler) givesSend() bool {
	return slices.ContainsFunc(h.gifts, func(g gift) bool { return g.needs.send })
}

// generates makes of the body what stream.Generate is given.
func (h *handler) generates() {
	helper := h.receives()
	res := h.typeName(h.method.res)
	result := "error"
	if field := h.decl.Type.Results.List[0]; len(field.Names) > 0 {
		result = "(" + h.p.text(h.f, field) + ")"
	}
	for _, sel := range h.sends {
		h.plan.replace(h.f, sel.Pos(), sel.End(), h.send)
	}
	forward := h.forwards()
	send := h.send
	if len(h.sends)+len(h.delegations) == 0 && !h.givesSend() {
		send = "_"
	}
	h.signature("", helper+"\nreturn "+h.name("github.com/gohostrpc/gohost/stream", "stream")+".Generate(func("+send+" func("+res+") error) "+result+" {"+forward)
	h.plan.replace(h.f, h.decl.Body.Rbrace, h.decl.Body.Rbrace+1, "})\n}")
}

// returns are the returns of the handler itself.
func (h *handler) returns() []*ast.ReturnStmt {
	var returns []*ast.ReturnStmt
	ast.Inspect(h.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns = append(returns, n)
		}
		return true
	})
	return returns
}

// yields plans a body that yields, if it is clear what each send and return
// becomes. It plans nothing and returns false where it is not.
func (h *handler) yields() bool {
	if len(h.decl.Type.Results.List[0].Names) > 0 || len(h.sends)+len(h.delegations) == 0 || h.givesSend() {
		return false
	}
	if slices.ContainsFunc(h.delegations, func(d *delegation) bool { return d.ret == nil }) {
		return false
	}
	yield := h.fresh("yield")
	if yield != "yield" {
		return false
	}
	var edits []planned
	var delegated []*delegation
	handled := make(map[*ast.ReturnStmt]bool)
	for _, sel := range h.sends {
		call, ok := h.f.parent(sel).(*ast.CallExpr)
		if !ok || ast.Unparen(call.Fun) != sel || h.f.function(call) != h.decl || len(call.Args) != 1 {
			return false
		}
		e, ret, ok := h.yielded(call)
		if !ok {
			return false
		}
		handled[ret] = true
		edits = append(edits, e...)
	}
	for _, ret := range h.returns() {
		if handled[ret] {
			continue
		}
		if len(ret.Results) != 1 {
			return false
		}
		result := ret.Results[0]
		last := h.last(ret)
		switch d := h.delegationAt(ret); {
		case d != nil:
			delegated = append(delegated, d)
		case h.f.pkg.Info.Types[result].IsNil() && last:
			edits = append(edits, planned{span: h.p.lines(h.f, span{ret.Pos(), ret.End()})})
		case h.f.pkg.Info.Types[result].IsNil():
			edits = append(edits, planned{span: span{ret.Pos(), ret.End()}, before: "return"})
		case h.notNil(ret, result):
			after := ")\nreturn"
			if last {
				after = ")"
			}
			edits = append(edits, planned{span: span{ret.Pos(), ret.End()}, before: "yield(nil, ", moved: span{result.Pos(), result.End()}, after: after})
		default:
			return false
		}
	}
	helper := h.receives()
	for _, d := range delegated {
		after := "\nreturn"
		if h.last(d.ret) {
			after = ""
		}
		edits = append(edits, h.passedOn(d, "if !yield(msg, err) {\nreturn\n}", after))
	}
	for _, e := range edits {
		h.plan.add(h.f, e)
	}
	h.signature("", helper+"\nreturn func(yield func("+h.typeName(h.method.res)+", error) bool) {")
	h.plan.replace(h.f, h.decl.Body.Rbrace, h.decl.Body.Rbrace+1, "}\n}")
	return true
}

// last reports whether nothing follows ret in what the body becomes.
func (h *handler) last(ret *ast.ReturnStmt) bool {
	end := h.decl.Body.List[len(h.decl.Body.List)-1]
	if end == ret {
		return true
	}
	for _, loop := range h.loops {
		if loop.stmt == end && loop.eof.pos <= ret.Pos() && ret.End() <= loop.eof.end {
			stmts := list(h.f.parents[ret])
			return stmts[len(stmts)-1] == ret && isIn(h.f.parents[h.f.parents[ret]], loop.loop)
		}
	}
	return false
}

// yielded returns the edits that make a yield of a Send, and the return that
// they take away.
func (h *handler) yielded(call *ast.CallExpr) ([]planned, *ast.ReturnStmt, bool) {
	arg := span{call.Args[0].Pos(), call.Args[0].End()}
	checked := func(from ast.Node, check *ast.IfStmt, err types.Object) ([]planned, *ast.ReturnStmt, bool) {
		if check.Else != nil || !isFailure(h.f.pkg.Info, check.Cond, err) || len(check.Body.List) != 1 {
			return nil, nil, false
		}
		ret, ok := check.Body.List[0].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 || !h.silent(ret.Results[0]) {
			return nil, nil, false
		}
		for _, id := range usesOf(h.f, err) {
			if !isIn(id, check) {
				return nil, nil, false
			}
		}
		return []planned{{span: span{from.Pos(), check.End()}, before: "if !yield(", moved: arg, after: ", nil) {\nreturn\n}"}}, ret, true
	}
	switch up := h.f.parent(call).(type) {
	case *ast.ReturnStmt:
		if len(up.Results) != 1 {
			return nil, nil, false
		}
		after := ", nil)\nreturn"
		if h.last(up) {
			after = ", nil)"
		}
		return []planned{{span: span{up.Pos(), up.End()}, before: "yield(", moved: arg, after: after}}, up, true
	case *ast.AssignStmt:
		if len(up.Lhs) != 1 || len(up.Rhs) != 1 || up.Tok != token.DEFINE {
			return nil, nil, false
		}
		id, ok := up.Lhs[0].(*ast.Ident)
		if !ok {
			return nil, nil, false
		}
		err := h.f.pkg.Info.Defs[id]
		if check, ok := h.f.parents[up].(*ast.IfStmt); ok && check.Init == up {
			return checked(check, check, err)
		}
		stmts := list(h.f.parents[up])
		for i, s := range stmts {
			if s == up && i+1 < len(stmts) {
				if check, ok := stmts[i+1].(*ast.IfStmt); ok && check.Init == nil && err != nil {
					return checked(up, check, err)
				}
			}
		}
	}
	return nil, nil, false
}

// silent reports whether nothing but the making of an error is done in e.
func (h *handler) silent(e ast.Expr) bool {
	silent := true
	ast.Inspect(e, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !h.makesError(call) && !h.f.pkg.Info.Types[call.Fun].IsType() {
			if fn := h.p.callee(h.f, call); fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "google.golang.org/grpc/status" {
				silent = false
			}
		}
		return silent
	})
	return silent
}

// makesError reports whether call returns an error that is never nil.
func (h *handler) makesError(call *ast.CallExpr) bool {
	fn := h.p.callee(h.f, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "errors.New", "fmt.Errorf":
		return true
	case "google.golang.org/grpc/status.Error", "google.golang.org/grpc/status.Errorf":
		sel, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		c, ok := h.f.pkg.Info.Uses[sel.Sel].(*types.Const)
		return ok && c.Name() != "OK" && c.Pkg() != nil && c.Pkg().Path() == "google.golang.org/grpc/codes"
	}
	return false
}

// notNil reports whether the result of ret is an error that is certainly not nil.
func (h *handler) notNil(ret *ast.ReturnStmt, result ast.Expr) bool {
	if call, ok := ast.Unparen(result).(*ast.CallExpr); ok {
		return h.makesError(call)
	}
	err := uses(h.f.pkg.Info, result)
	if err == nil {
		return false
	}
	block, ok := h.f.parents[ret].(*ast.BlockStmt)
	if !ok {
		return false
	}
	check, ok := h.f.parents[block].(*ast.IfStmt)
	if !ok || check.Body != block || !isFailure(h.f.pkg.Info, check.Cond, err) {
		return false
	}
	for _, id := range usesOf(h.f, err) {
		if isIn(id, block) && assigned(h.f, id) {
			return false
		}
	}
	return true
}
