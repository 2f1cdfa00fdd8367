package gateway

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/private"
)

// public returns the client's error for a call that has failed with err. answered says
// whether the upstream, or a proxy before it, has answered at all.
func (c *call) public(err error, answered bool) error {
	if err == nil {
		return nil
	}
	err = c.shown(err, answered)
	if c.chosen != "" {
		err = private.WithHost(err, c.chosen) // the stub names the one that it would have chosen
	}
	return c.replaced(c.ctx, c.method, err)
}

// replaced returns the result of the option Errors for err, if err is an error.
func (c *conn) replaced(ctx context.Context, method string, err error) error {
	if c.errors == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	if replaced := c.errors(ctx, method, err); replaced != io.EOF && status.Code(replaced) != codes.OK {
		return replaced
	}
	return err
}

// shown returns err unchanged if its status comes from the upstream. If the status tells
// something about the way to the upstream, shown returns err with another status: then
// this process made it, or it is about a connection, or it names the host.
func (c *call) shown(err error, answered bool) error {
	s, ok := status.FromError(err)
	if !ok {
		s = status.FromContextError(err)
	}
	if !answered || s.Code() == codes.Unavailable && ofTransport(s.Message()) {
		return hidden(err, silent(s.Code()))
	}
	names := c.names()
	secret := func(text string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return mentions(text, name) })
	}
	p := s.Proto()
	details := len(p.GetDetails())
	p.Details = slices.DeleteFunc(p.GetDetails(), func(d *anypb.Any) bool { return secret(string(d.GetValue())) })
	if len(p.GetDetails()) == details && !secret(p.GetMessage()) {
		return err
	}
	p.Message = status.Convert(silent(s.Code())).Message()
	return hidden(err, status.FromProto(p).Err())
}

// hidden returns err with the status of public.
func hidden(err, public error) error { return private.Hide(err, public) }

// silent returns an error whose message says nothing beyond its code.
func silent(code codes.Code) error {
	switch code {
	case codes.Canceled:
		return status.Error(code, context.Canceled.Error())
	case codes.DeadlineExceeded:
		return status.Error(code, context.DeadlineExceeded.Error())
	case codes.Unavailable:
		return status.Error(code, "gateway: the upstream is not available")
	}
	return status.Error(code, "gateway: the call to the upstream has failed")
}

// spoken are the beginnings of grpc's texts for lost connections, and address
// matches what it and proxies put into such texts.
var (
	spoken  = regexp.MustCompile(`^(connection error: |closing (transport|connection) |error reading |transport|the connection is draining|the stream is rejected|received goaway|keepalive ping failed|no active streams|initial http2 frame|stream terminated by RST_STREAM)`)
	address = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}:\d{1,5}\b|\[[0-9a-fA-F:.]+(%\w+)?\]:\d{1,5}\b`)
)

// ofTransport reports whether the message of an Unavailable is about a connection.
func ofTransport(message string) bool {
	return spoken.MatchString(message) || address.MatchString(message)
}

// names returns the hosts that a client must not learn: the host of the call and that
// of the upstream, except the one that the client itself has named.
func (c *call) names() []string {
	known := gohost.HostFromContext(c.ctx)
	all := authorities(c.upstream)
	if c.named != nil {
		all = append(all, *c.named)
	}
	var names []string
	for _, authority := range all {
		if name := hostname.Normalize(authority); name != "" && name != known {
			names = append(names, name)
		}
	}
	return names
}

// authorities returns what is known about where calls through a connection go: the
// hosts of the views of gohost.Conn, and the target.
func authorities(cc grpc.ClientConnInterface) []string {
	switch conn := cc.(type) {
	case interface {
		Viewed() (grpc.ClientConnInterface, string)
	}:
		inner, host := conn.Viewed()
		return append(authorities(inner), host)
	case interface{ Target() string }:
		target := conn.Target() // such as "dns:///square.example:443"
		return []string{target[strings.LastIndexByte(target, '/')+1:]}
	}
	return nil
}

// mentions reports whether text contains name, and not as a part of a longer word.
func mentions(text, name string) bool {
	text = strings.ToLower(text)
	for {
		before, after, ok := strings.Cut(text, name)
		if !ok {
			return false
		}
		if !endsInWord(before) && !beginsWithWord(after) {
			return true
		}
		text = after
	}
}

func beginsWithWord(s string) bool { return s != "" && inWord(s[0]) }
func endsInWord(s string) bool     { return s != "" && inWord(s[len(s)-1]) }

// inWord reports whether c may be in a label of a host.
func inWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
