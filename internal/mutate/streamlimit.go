package main

const (
	limitConn     = "internal/streamlimit/conn.go"
	limitSettings = "internal/streamlimit/settings.go"
	limitLimit    = "internal/streamlimit/streamlimit.go"
)

var streamlimitBugs = []bug{
	{"watched without a limit", limitConn, "\tif !ok {\n\t\treturn conn\n\t}\n", "\tif !ok {\n\t\tl = new(Limit)\n\t}\n"},
	{"watched twice", limitConn, "case *watched, watchedSyscall:", "case *watched:"},
	{"watched twice without a socket", limitConn, "case *watched, watchedSyscall:", "case watchedSyscall:"},
	{"limit of an earlier try", limitConn, "\tl.forget() // that of an earlier try\n", ""},
	{"all frames are read", limitConn, "\tif !w.settings.done {\n", "\tif w.settings.done = false; true {\n"},
	{"more than was read is parsed", limitConn, "w.settings.read(p[:n])", "w.settings.read(p)"},
	{"errors are lost", limitConn, "\treturn n, err\n", "\t_ = err\n\treturn n, nil\n"},
	{"first piece only", limitSettings, "for !s.done && len(p) > 0 {", "if !s.done && len(p) > 0 {"},
	{"header in one piece", limitSettings, "s.frame, p = append(s.frame, p[:n]...), p[n:]", "s.frame, p = append(s.frame[:0], p[:n]...), p[n:]"},
	{"any frame is SETTINGS", limitSettings, "s.frame[3] != typeSettings || ", ""},
	{"frames of any size", limitSettings, " || s.size() > headerLen+maxPayload", ""},
	{"largest frame refused", limitSettings, "s.size() > headerLen+maxPayload", "s.size() >= maxPayload"},
	{"payload begins with the header", limitSettings, "maxStreams(s.frame[headerLen:])", "maxStreams(s.frame)"},
	{"another frame is read", limitSettings, "\t\t\ts.limit.set(maxStreams(s.frame[headerLen:]))\n\t\t\ts.done = true\n", "\t\t\ts.limit.set(maxStreams(s.frame[headerLen:]))\n\t\t\ts.frame = nil\n"},
	{"frame kept", limitSettings, "\t\ts.frame = nil\n", ""},
	{"length of two bytes", limitSettings, "int(s.frame[1])<<8", "0"},
	{"length of one byte", limitSettings, "int(s.frame[2])", "0"},
	{"length without its first byte", limitSettings, "int(s.frame[0])<<16", "0"},
	{"a limit of 100 without any", limitSettings, "limit := uint32(Unlimited)", "limit := uint32(100)"},
	{"first value counts", limitSettings, "\t\t\tlimit = binary.BigEndian.Uint32(payload[2:])\n", "\t\t\treturn binary.BigEndian.Uint32(payload[2:])\n"},
	{"another setting", limitSettings, "maxConcurrentStreams = 0x3", "maxConcurrentStreams = 0x4"},
	{"first setting only", limitSettings, "payload = payload[settingLen:]", "payload = nil"},
	{"known from the beginning", limitLimit, "\tif !l.known.Load() {\n", "\tif false {\n"},
	{"other attributes lost", limitLimit, "\tif addr.Attributes == nil {\n", "\tif true {\n"},
}
