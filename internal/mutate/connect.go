package main

const (
	connectCall      = "gohostconnect/servercall.go"
	connectHandler   = "gohostconnect/handler.go"
	connectRegistrar = "gohostconnect/registrar.go"
	connectClient    = "gohostconnect/clientcall.go"
	connectConn      = "gohostconnect/conn.go"
	connectOptions   = "gohostconnect/calloptions.go"
	connectTransport = "gohostconnect/transport.go"
	connectLocal     = "gohostconnect/local.go"
	connectMetadata  = "gohostconnect/metadata.go"
	connectStatus    = "gohostconnect/status.go"
	connectPeer      = "gohostconnect/peer.go"
)

// connectBugs are the bugs of gohostconnect, a module of its own.
var connectBugs = []bug{
	// Servers.
	{"mounted by connect", connectCall, "if c.wire == nil && c.caller == nil {", "if false {"},
	{"no authority", connectCall, "\t\tmd[\":authority\"] = []string{host}\n", "\t\t_ = host\n"},
	{"no peer of a client", connectCall, "\tctx = peer.NewContext(ctx, peerOfClient(ctx, info))\n", "\t_ = peer.NewContext\n\t_ = peerOfClient\n"},
	{"no metadata of a request", connectCall, "\tctx = metadata.NewIncomingContext(ctx, md)\n", "\t_ = metadata.NewIncomingContext\n"},
	{"a deadline does not wake RecvMsg", connectCall, "\tif c.receiving {\n\t\tc.cut = true\n", "\tif false {\n\t\tc.cut = true\n"},
	{"a deadline does not wake SendMsg", connectCall, "\tif c.sending {\n", "\tif false {\n"},
	{"a header after the header", connectCall, "if c.headerSent {\n\t\treturn fmt.Errorf(", "if false {\n\t\treturn fmt.Errorf("},
	{"a header that cannot be sent", connectCall, "func (c *serverCall) SetHeader(md metadata.MD) error {\n\tif err := check(md); err != nil {", "func (c *serverCall) SetHeader(md metadata.MD) error {\n\tif err := check(md); err != nil && false {"},
	{"the header waits for a message", connectCall, "return c.send(c.stream.SendHeaders)", "return nil"},
	{"the header within a process waits", connectCall, "\t\tc.caller.headerArrived(sentOf(c.header))\n", ""},
	{"no header of a call that fails", connectCall, "\tc.putHeader()\n\tc.putTrailer()\n\tc.over = true", "\tc.putTrailer()\n\tc.over = true"},
	{"no trailer of a stream", connectCall, "\tc.putHeader()\n\tc.putTrailer()\n\tc.over = true", "\tc.putHeader()\n\tc.over = true"},
	{"no trailer of a unary answer", connectCall, "\t\tc.putTrailer() // everything is sent with the one response\n", ""},
	{"the status of drain is lost", connectCall, "\tif c.forced != nil {\n", "\tif false {\n"},
	{"drain does not wake a handler", connectCall, "\ts.mu.Unlock()\n\ts.cancel()\n\treturn nil", "\ts.mu.Unlock()\n\treturn nil"},
	{"the rest of a request is read as a request", connectHandler, "\t_ = w.SetReadDeadline(longAgo) // wireOf has seen that it can\n\tw.closeBehind()\n", "\t_ = w.SetReadDeadline(longAgo)\n"},
	{"net/http waits for the rest of a request", connectHandler, "\t_ = w.SetReadDeadline(longAgo) // wireOf has seen that it can\n\tw.closeBehind()\n", "\tw.closeBehind()\n"},
	{"no early answers over HTTP/1.1", connectCall, "\t\tc.wire.letAnswerEarly()\n", ""},
	{"a connection continues after an interrupted call", connectCall, "\tif c.cut {\n", "\tif false {\n"},
	{"middleware hides a call", connectHandler, "\t\tif !ok {\n\t\t\trefuse(writer", "\t\tif !ok && false {\n\t\t\trefuse(writer"},
	{"middleware is not unwrapped", connectHandler, "\t\tserver = outer.Unwrap()\n", "\t\t_ = outer\n\t\tbreak\n"},
	{"bidirectional over HTTP/1.1", connectHandler, "case known && kind == connect.StreamTypeBidi:", "case false:"},
	{"an unknown method over HTTP/1.1", connectHandler, "case !known && (", "case false && ("},
	{"no interceptors of unary calls", connectRegistrar, "c.RecvMsg, r.unary)", "c.RecvMsg, nil)"},
	{"no interceptors of streams", connectRegistrar, "\t\tif r.stream == nil {", "\t\tif true {"},
	{"interceptors in the wrong order", connectRegistrar, "r.unary = chainUnary(r.unary, i)", "r.unary = chainUnary(i, r.unary)"},
	{"any type is an implementation", connectRegistrar, "!reflect.TypeOf(impl).Implements(want)", "false && !reflect.TypeOf(impl).Implements(want)"},
	{"no services for reflection", connectRegistrar, "\tr.info[desc.ServiceName] = info\n", "\t_ = info\n"},
	// Clients.
	{"no early start", connectConn, "\tif desc.ClientStreams {\n", "\tif false {\n"},
	{"a call with an ended context", connectConn, "if err := ctx.Err(); err != nil {", "if err := ctx.Err(); err != nil && false {"},
	{"no host", connectClient, "call.info.RequestHeader().Set(\"Host\", o.host)", "_ = o.host"},
	{"no metadata", connectClient, "\taddTo(call.info.RequestHeader(), md)\n", "\t_ = md\n"},
	{"a call that is left continues", connectClient, "\tcontext.AfterFunc(call.ctx, call.contextEnded)\n", ""},
	{"OnFinish is not called", connectClient, "\t\tf(err)\n", "\t\t_ = f\n"},
	{"targets are not filled", connectClient, "\tc.fillTargets()\n", ""},
	{"the header of a stream arrives with its message", connectTransport, "\t\tcall.headerArrived(headerOf(res))\n", ""},
	{"the requests of a call that is left stay open", connectTransport, "\tcontext.AfterFunc(req.Context(), func() { _ = req.Body.Close() })\n", ""},
	{"a message within a process is shared", connectLocal, "return s.ClientStream.Send(cloned(m))", "return s.ClientStream.Send(m)"},
	{"a unary handler within a process holds its caller", connectLocal, "\tspec.StreamType = connect.StreamTypeBidi\n", ""},
	{"any host is sent", connectOptions, "if err := checkHost(ctx, opts); err != nil {", "if err := checkHost(ctx, opts); err != nil && false {"},
	{"WaitForReady is ignored", connectOptions, "\t\t\tif !opt.FailFast {\n", "\t\t\tif false {\n"},
	{"credentials without TLS", connectOptions, "creds.RequireTransportSecurity() && !t.secure", "false"},
	{"codes of credentials", connectOptions, "if slices.Contains(restricted, s.Code()) {", "if false && slices.Contains(restricted, s.Code()) {"},
	{"metadata of credentials is lost", connectOptions, "\t\tmd = metadata.Join(md, metadata.New(added))\n", "\t\t_ = metadata.New(added)\n"},
	// What is sent.
	{"reserved metadata", connectMetadata, "\t\tif !isSent(key) {\n\t\t\tcontinue\n\t\t}\n\t\tfor _, v := range values {\n\t\t\tif strings.HasSuffix", "\t\tfor _, v := range values {\n\t\t\tif strings.HasSuffix"},
	{"bytes as text", connectMetadata, "v = connect.EncodeBinaryHeader([]byte(v))", "_ = connect.EncodeBinaryHeader"},
	{"joined binary values", connectMetadata, "strings.SplitSeq(joined, \",\")", "strings.SplitSeq(joined, \"|\")"},
	{"a value that cannot be sent", connectMetadata, "if strings.ContainsFunc(v, isNotPrintable) {", "if false && strings.ContainsFunc(v, isNotPrintable) {"},
	{"details of a handler's status", connectStatus, "e = e.WithDetail(&connect.ErrorDetail{", "_ = e.WithDetail(&connect.ErrorDetail{"},
	{"details of a received status", connectStatus, "p.Details = append(p.Details, &anypb.Any{", "_ = append(p.Details, &anypb.Any{"},
	{"the text of a plain error", connectStatus, "\t\ts = status.FromContextError(err)\n", "\t\ts = status.New(codes.Unknown, \"\")\n"},
	{"no TLS of a peer", connectPeer, "\tp.AuthInfo = authInfoOf(server.TLS())\n", ""},
}
