package main

const migrate = "cmd/gohostvet/internal/migrate/"

// migrateClientBugs are bugs in how gohostmigrate moves the streams of clients.
var migrateClientBugs = []bug{
	// stream.ToRecv
	{"a call in a loop is pulled", migrate + "pull.go", "\tif inLoop(f, o.assign) {", "\tif false {"},
	{"a Recv on another goroutine is pulled", migrate + "pull.go", "\t\tif f.function(call) != fn {", "\t\tif false {"},
	{"a deferred receiver is pulled", migrate + "pull.go", "case *ast.GoStmt, *ast.DeferStmt:\n\t\t\treturn r, otherFunction", "case *ast.GoStmt:\n\t\t\treturn r, otherFunction"},
	{"a call without Recv is opened", migrate + "pull.go", "\tif len(r.all()) == 0 {\n\t\treturn r, ", "\tif false {\n\t\treturn r, "},
	{"a Recv in a condition is certain", migrate + "pull.go", "return s.Init != nil && p.startsWith(f, s.Init, call)\n\tcase *ast.SwitchStmt", "return true\n\tcase *ast.SwitchStmt"},
	{"each counted loop runs", migrate + "pull.go", "return p.runs(f, s) && first", "return first"},
	{"a loop from 0 to 0 runs", migrate + "pull.go", "(from < to || ", "(from <= to || "},
	{"each range runs", migrate + "pull.go", "return ok && n > 0 && first", "return (ok || n > 0 || true) && first"},
	{"a call before Recv is overlooked", migrate + "pull.go", "\t\t\t\tfirst = false\n\t\t\t}\n\t\tcase *ast.BinaryExpr", "\t\t\t}\n\t\tcase *ast.BinaryExpr"},
	{"a Recv behind && is certain", migrate + "pull.go", "&& isIn(call, n.Y) {", "&& false {"},
	{"what is done before the first Recv is overlooked", migrate + "pull.go", "\tif reason := p.pause(f, stmts, stmts[i]); reason != \"\" {", "\tif reason := p.pause(f, stmts, stmts[i]); false {"},
	{"Helper is something that is done", migrate + "require.go", "return ok && fn.Name() == \"Helper\"", "return false && fn.Name() == \"Helper\""},
	{"an ignored error of Recv takes that of opening", migrate + "pull.go", "\tcase ignored:\n", "\tcase false:\n"},
	{"errors are merged without -merge", migrate + "pull.go", "case !p.opts.Merge:", "case false:"},
	{"a direct return is another handling", migrate + "pull.go", " || o.returnedLike(f, fail)", ""},
	{"each return is like another", migrate + "pull.go", "uses(f.pkg.Info, opened.Results[1]) == o.err && isCall(received.Results[0])", "true"},
	{"the variable of the error goes", migrate + "clientstream.go", "\t\treturn !ok || a.Tok != token.DEFINE || !assigned(f, use) || !sameList(block, a)\n", "\t\treturn !ok && a != nil\n"},
	{"a taken name is taken again", migrate + "names.go", "return taken[name] }); i++ {", "return false }); i++ {"},
	{"CloseSend stays", migrate + "pull.go", "\tfor _, s := range r.closes {\n\t\tplan.remove(f, s.Pos(), s.End())\n\t}\n\treturn \"\"", "\treturn \"\""},
	// Functions that are given a stream.
	{"a function that is called with others is changed", migrate + "handed.go", "if len(p.methods[key]) != len(p.handed[p.key(h.param.Pos())]) {", "if false && len(p.methods[key]) == 0 {"},
	{"a parameter of another type is changed", migrate + "handed.go", "if obj == nil || obj.Pkg() == nil || ", "if false && "},
	{"each interface takes a conversation", migrate + "handed.go", "if m.Name() != \"Send\" && m.Name() != \"Recv\" {", "if false && m == nil {"},
	{"no interface takes a conversation", migrate + "handed.go", "return i.NumMethods() > 0", "return false"},
	{"variadic functions are followed", migrate + "handed.go", " || fn.Signature().Variadic()", ""},
	{"parameters with one type are changed", migrate + "handed.go", "case len(h.field.Names) > 1:", "case false:"},
	{"clients with a function in common move apart", migrate + "handed.go", "\t\tunite(n, p.node(\"stream \", h.param.Pos()))\n", ""},
	{"streams are not followed on", migrate + "handed.go", "\t\t\tp.follow(n, h.to.file, h.param)\n", ""},
	{"a function that calls itself is followed for ever", migrate + "pull.go", "\t\tif slices.Contains(seen, h.to) {", "\t\tif false {"},
	// Conversations.
	{"no Recv needs to look at its error", migrate + "conversation.go", "\tcase !h.looked:\n", "\tcase false:\n"},
	{"conversations are merged without -merge", migrate + "conversation.go", "case !h.p.opts.Merge:", "case false:"},
	{"an error of Send is found by Recv alike", migrate + "conversation.go", "if fail, ignored := sendFailure(f, call); !ignored {", "if fail, ignored := sendFailure(f, call); false && !ignored {"},
	{"asserting CloseSend is in the way", migrate + "conversation.go", "isAssertion(f.pkg.Info, s, used) && ", "false && "},
	{"returning CloseSend is in the way", migrate + "conversation.go", "\t\tif len(up.Results) == 1 {", "\t\tif false {"},
	{"the error of CloseSend is not nil", migrate + "conversation.go", "case up.Tok == token.ASSIGN && p.readLater(f, err, block[i+2:], check):", "case false:"},
	{"the error of CloseSend is read again always", migrate + "conversation.go", "f.parents[uses[0]] == a && assigned(f, uses[0]) {\n\t\t\treturn false", "f.parents[uses[0]] == a && assigned(f, uses[0]) {\n\t\t\treturn true"},
	// -split
	{"a variable that is assigned otherwise is divided", migrate + "split.go", "\tif !ok || !p.plain(f, []ast.Expr{e}) || p.member(asObject(p.callee(f, call))).role != newClient || !p.plain(f, call.Args) {\n\t\tk.bad = true\n\t\treturn\n\t}\n", "\tif !ok || !p.plain(f, []ast.Expr{e}) || p.member(asObject(p.callee(f, call))).role != newClient || !p.plain(f, call.Args) {\n\t\treturn\n\t}\n"},
	{"what stays keeps the first name", migrate + "split.go", "\t\tplan.replace(use.file, use.ident.Pos(), use.ident.End(), name)\n", "\t\t_ = use\n"},
	{"clients of which all stays are divided", migrate + "split.go", "if len(stay) > 0 && len(stay) < len(k.uses) {", "if len(stay) > 0 {"},
	{"clients are divided without -split", migrate + "split.go", "\tif !p.opts.Split {", "\tif false {"},
	{"a divided literal sets one client", migrate + "split.go", "\t\t\tplan.replace(at.file, end, end, \",\\n\"+name+\": \"+value)\n", "\t\t\t_ = end\n"},
	{"a divided assignment sets one client", migrate + "split.go", "\t\t\tplan.replace(at.file, end, end, \"\\n\"+target+\" \"+n.Tok.String()+\" \"+value)\n", "\t\t\t_, _ = target, end\n"},
}
