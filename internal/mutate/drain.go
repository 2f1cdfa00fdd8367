package main

const (
	drainServer = "drain/server.go"
	drainCall   = "drain/call.go"
	drainCalls  = "drain/calls.go"
	drainConn   = "drain/conn.go"
	drainConns  = "drain/conns.go"
)

var drainBugs = []bug{
	{"health not changed", drainServer, "\t\to.Health.Shutdown()\n", ""},
	{"no lame duck", drainServer, "\ttime.Sleep(o.LameDuck)\n", ""},
	{"GOAWAY not waited for", drainServer, "\ts.conns.awaitGoAway(graceful)\n", ""},
	{"asked before GOAWAY", drainServer, "\ts.conns.awaitGoAway(graceful)\n", "\ts.calls.askAll()\n\ts.conns.awaitGoAway(graceful)\n"},
	{"handlers not asked", drainCalls, "\tcs.askAll()\n", ""},
	{"no grace", drainCalls, "await.Within(graceful, cs.opts.Grace)", "await.Within(graceful, 0)"},
	{"whole grace period used", drainCalls, "if await.Within(graceful, cs.opts.Grace) {\n\t\treturn true\n\t}", "time.Sleep(cs.opts.Grace)"},
	{"contexts not ended", drainCalls, "\tcs.cutAll()\n", ""},
	{"handlers that wait in RecvMsg not woken", drainCalls, "\tcs.finishAll()\n", ""},
	{"handlers have no time to end", drainCalls, "\tcs.cutAll()\n\tif await.Within(graceful, handlersWithin) {\n\t\treturn true\n\t}\n", "\tcs.cutAll()\n"},
	{"no Stop", drainServer, "\t\ts.Stop()\n", ""},
	{"Serve waits for handlers that ignore their contexts", drainServer, "\tcase <-ended: // Serve", "\tcase <-(chan int)(nil): // Serve"},
	{"error after the end", drainServer, "if errors.Is(err, grpc.ErrServerStopped) {", "if errors.Is(err, grpc.ErrServerStopped) && false {"},
	{"no default grace", drainServer, "o.Grace = defaultGrace", "o.Grace = 0"},
	{"nil credentials kept", drainServer, "creds = insecure.NewCredentials()", "_ = insecure.NewCredentials()"},
	{"options of the caller dropped", drainServer, "}, serverOpts...)...)", "}, serverOpts[:0]...)...)"},
	{"unary calls not known", drainServer, "\t\tgrpc.ChainUnaryInterceptor(s.calls.unary),\n", ""},
	{"streams not known", drainServer, "\t\tgrpc.ChainStreamInterceptor(s.calls.stream),\n", ""},
	{"no RetryInfo", retryInfo, "err == nil {\n\t\treturn detailed", "err != nil {\n\t\treturn detailed"},
	{"context of Context not ended", drainCall, "func() { cancel(ErrReopen) })", "func() { _ = cancel })"},
	{"handler's stream has another context", drainCall, "return s.ctx }", "return s.ServerStream.Context() }"},
	{"cut has no cause", drainCall, "c.cancel(ErrReopen) }", "c.cancel(nil) }"},
	{"OK for a part of a stream", drainCall, "(canceled || err == nil && streams)", "canceled"},
	{"Canceled for a stream that is cut", drainCall, "(canceled || err == nil && streams)", "(err == nil && streams)"},
	{"handler's own status lost", drainCall, "(canceled || err == nil && streams)", "true"},
	{"Canceled for a handler that was asked", drainCall, "case canceled && c.Err() == nil && c.calls.haveAsked(c):", "case false:"},
	{"handler's own Canceled lost", drainCall, "canceled && c.Err() == nil && c.calls.haveAsked(c)", "canceled && c.Err() == nil"},
	{"health watch holds the server", drainCall, "info.FullMethod == healthpb.Health_Watch_FullMethodName", "info.FullMethod == healthpb.Health_Check_FullMethodName"},
	{"streams do not age", drainCall, "\tif cs.opts.MaxAge > 0 {", "\tif false {"},
	{"no jitter of the age", drainCall, "(rand.Float64()*2-1)", "(rand.Float64()*0)"},
	{"later calls not asked", drainCalls, "\tif cs.asking {", "\tif false {"},
	{"aged calls not asked", drainCalls, "\t\t\tc.askToEnd()\n\t\t\tc.age.Reset(cs.opts.Grace)", "\t\t\tc.age.Reset(cs.opts.Grace)"},
	{"aged calls have no grace", drainCalls, "c.age.Reset(cs.opts.Grace)", "c.age.Reset(0)"},
	{"aged calls not cut", drainCalls, "\t\t\tc.cut()\n\t\t\tc.age.Reset(handlersWithin)", "\t\t\tc.age.Reset(handlersWithin)"},
	{"aged calls not finished", drainCalls, "\t\t\tc.finish()\n", ""},
	{"ended calls kept", drainCalls, "\tdelete(cs.open, c)\n", ""},
	{"asked before a handler could notice", drainCalls, "\t\tif c.isAsked {\n\t\t\tc.ask()\n\t\t}\n", ""},
	{"handshakes hold the end", drainConns, "\t\tcs.giveUpHandshakes()\n", ""},
	{"connections with calls given up", drainConns, "if !c.up.Load() {", "if true {"},
	{"failed handshakes kept", drainConns, "\t\tw.conns.remove(c)\n\t\treturn secure, info, err", "\t\treturn secure, info, err"},
	{"GOAWAY not seen", drainConn, "case kind == frameGoAway:\n\t\t\tc.tell()\n", ""},
	{"closed connections kept", drainConn, "\tc.conns.remove(c)\n\treturn c.Conn.Close()", "\treturn c.Conn.Close()"},
	{"payload taken for frames", drainConn, "\t\tf.skip = int(", "\t\tf.skip = 0 * int("},
	{"rest of a header lost", drainConn, "\t\tif f.have < len(f.header) {\n\t\t\treturn\n\t\t}\n", "\t\tif f.have < len(f.header) {\n\t\t\tf.have = 0\n\t\t\treturn\n\t\t}\n"},
}
