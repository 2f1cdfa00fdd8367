package gohost_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// Credentials makes no connection look safer than it is.
func TestCredentialsOfOtherKinds(t *testing.T) {
	t.Parallel()
	s := new(server)
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) })
	unsafe := dialTLS(t, listener, accept(t, insecure.NewCredentials()))
	checkAnswers(t, unsafe.With(host("any.example")), 0)
	checkSeen(t, s, "any.example")
	conn := inmemory.Dial(t, listener, grpc.WithTransportCredentials(accept(t, insecure.NewCredentials())))
	if err := squareWithToken(t, conn); status.Code(err) != codes.Unauthenticated {
		t.Errorf("error = %v, want Unauthenticated: the connection is not safe", err)
	}

	// Credentials that know nothing about hosts.
	plain := bare{insecure.NewCredentials()}
	checkCodes(t, dialTLS(t, listener, plain), codes.Unavailable,
		"does not implement the AuthorityValidator interface, but authority override specified with CallAuthority call option (host square.example): gohost.Credentials accepts")
	checkAnswers(t, dialTLS(t, listener, accept(t, plain, "square.example")), 0)
	checkSeen(t, s, "square.example")
	checkCodes(t, dialTLS(t, listener, accept(t, plain, "square.example")).With(host("other.example")), codes.Unavailable,
		`it is not one of the hosts given to gohost.Credentials, and credentials of the type "bare" know no others`)
	checkCodes(t, dialTLS(t, listener, accept(t, failing{plain}, "square.example")), codes.Unavailable, "no handshake")
}

// squareWithToken makes a call with a secret, and names the channel's own host:
// without an AuthInfo, grpc itself would crash at another one.
func squareWithToken(t *testing.T, cc grpc.ClientConnInterface) error {
	t.Helper()
	_, err := squares.NewSquareServiceStub(cc).With(host(""), grpc.PerRPCCredentials(token{})).Square(t.Context(), new(squares.Message))
	return err
}

// bare are credentials whose AuthInfo has only an AuthType.
type bare struct {
	credentials.TransportCredentials
}

type bareInfo struct{}

func (bareInfo) AuthType() string { return "bare" }

func (b bare) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, _, err := b.TransportCredentials.ClientHandshake(ctx, authority, conn)
	return conn, bareInfo{}, err
}

func (b bare) Clone() credentials.TransportCredentials { return b }

// failing are credentials without a handshake.
type failing struct {
	credentials.TransportCredentials
}

func (failing) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("no handshake")
}

// silent are credentials that say nothing about a connection.
type silent struct {
	credentials.TransportCredentials
}

func (c silent) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, _, err := c.TransportCredentials.ClientHandshake(ctx, authority, conn)
	return conn, nil, err
}

func (c silent) Clone() credentials.TransportCredentials { return c }

// A nil AuthInfo works like any other: the listed hosts are accepted and, like
// in grpc, no secret is sent.
func TestCredentialsWithoutAuthInfo(t *testing.T) {
	t.Parallel()
	s := new(server)
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) })
	stub := dialTLS(t, listener, accept(t, silent{insecure.NewCredentials()}, "square.example"))
	var p peer.Peer
	checkAnswers(t, stub.With(grpc.Peer(&p)), 0)
	checkSeen(t, s, "square.example")
	checkAnswers(t, stub.With(host("")), 0)
	checkSeen(t, s, "proxy.example")
	checkCodes(t, stub.With(host("other.example")), codes.Unavailable,
		`it is not one of the hosts given to gohost.Credentials, and credentials of the type "" know no others`)
	wrapper, ok := p.AuthInfo.(interface{ Unwrap() credentials.AuthInfo })
	if !ok || wrapper.Unwrap() != nil {
		t.Errorf("AuthInfo = %#v, want a wrapper of nil", p.AuthInfo)
	}
	plain := inmemory.Dial(t, listener, grpc.WithTransportCredentials(silent{insecure.NewCredentials()}))
	wrapped := inmemory.Dial(t, listener, grpc.WithTransportCredentials(accept(t, silent{insecure.NewCredentials()})))
	for name, err := range map[string]error{
		"without Credentials": squareWithToken(t, plain),
		"with Credentials":    squareWithToken(t, wrapped),
	} {
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v, want Unauthenticated: nothing says that the connection is safe", name, err)
		}
	}
}

// xds are credentials that report whether they use xDS.
type xds struct {
	credentials.TransportCredentials
	uses   bool
	clones *int
}

func (c xds) UsesXDS() bool { return c.uses }

func (c xds) Clone() credentials.TransportCredentials {
	*c.clones++
	return c
}

// Optional interfaces of credentials are passed on: a balancer asks a clone
// whether it uses xDS.
func TestCredentialsPassesOnUsesXDS(t *testing.T) {
	t.Parallel()
	clones := 0
	for name, test := range map[string]struct {
		creds credentials.TransportCredentials
		want  bool
	}{
		"xDS":          {xds{insecure.NewCredentials(), true, &clones}, true},
		"xDS, not now": {xds{insecure.NewCredentials(), false, &clones}, false},
		"others":       {insecure.NewCredentials(), false},
	} {
		creds := accept(t, test.creds, "square.example")
		for _, c := range []credentials.TransportCredentials{creds, creds.Clone()} {
			if asked, ok := c.(interface{ UsesXDS() bool }); !ok || asked.UsesXDS() != test.want {
				t.Errorf("%s: UsesXDS of %T is not %v", name, c, test.want)
			}
		}
	}
	if clones != 2 {
		t.Errorf("the credentials inside have been cloned %d times, want 2", clones)
	}
}

// The AuthInfo has the methods of the credentials' AuthInfo, and no others:
// saying nothing about security differs from saying that there is none.
func TestAuthInfoIsTransparent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		creds credentials.TransportCredentials
		level credentials.SecurityLevel
		says  bool
	}{
		"insecure": {insecure.NewCredentials(), credentials.NoSecurity, true},
		"bare":     {bare{insecure.NewCredentials()}, credentials.InvalidSecurityLevel, false},
		"silent":   {silent{insecure.NewCredentials()}, credentials.NoSecurity, true},
		"integral": {leveled{insecure.NewCredentials(), credentials.IntegrityOnly}, credentials.IntegrityOnly, true},
		"private":  {leveled{insecure.NewCredentials(), credentials.PrivacyAndIntegrity}, credentials.PrivacyAndIntegrity, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := net.Pipe()
			_, info, err := accept(t, test.creds).ClientHandshake(t.Context(), "proxy.example", client)
			if err != nil {
				t.Fatal(err)
			}
			common, ok := info.(interface {
				GetCommonAuthInfo() credentials.CommonAuthInfo
			})
			if ok != test.says || ok && common.GetCommonAuthInfo().SecurityLevel != test.level {
				t.Errorf("%#v tells its level: %v, want %v and %v", info, ok, test.says, test.level)
			}
			if value := info.(credentials.ChannelzSecurityInfo).GetSecurityValue(); value != nil {
				t.Errorf("channelz shows %v, want nothing", value)
			}
		})
	}
}

// leveled are credentials that name a level of security.
type leveled struct {
	credentials.TransportCredentials
	level credentials.SecurityLevel
}

type leveledInfo struct {
	bareInfo
	credentials.CommonAuthInfo
}

func (c leveled) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, _, err := c.TransportCredentials.ClientHandshake(ctx, authority, conn)
	return conn, leveledInfo{CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: c.level}}, err
}
