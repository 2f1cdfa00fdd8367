package routing

import (
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// Authority returns the authority that opts set by grpc.CallAuthority, which
// may be "", or nil if they set none. Like grpc, it takes the last one.
func Authority(opts []grpc.CallOption) *string {
	var last *string
	for _, opt := range opts {
		switch opt := opt.(type) {
		case grpc.AuthorityOverrideCallOption:
			last = &opt.Authority
		case *grpc.AuthorityOverrideCallOption:
			last = &opt.Authority
		}
	}
	return last
}

// CheckSent returns an error if host may not be sent. "" is the authority of
// the channel.
func CheckSent(host string) error {
	if host == "" {
		return nil
	}
	return hostname.Check(host)
}
