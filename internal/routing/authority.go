package routing

import (
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// Authority returns the authority that opts name by grpc.CallAuthority, which
// may be "", and nil where they name none. grpc takes the last one.
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

// CheckSent returns an error where host may not be sent. "" is the authority
// of the channel.
func CheckSent(host string) error {
	if host == "" {
		return nil
	}
	return hostname.Check(host)
}
