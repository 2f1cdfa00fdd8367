// Package user is a user of generated code.
package user

import (
	acmev1 "example.com/user/acme/v1"

	"github.com/gohostrpc/gohost"
)

var (
	Host    = acmev1.AcmeHost
	Service acmev1.Acme
	Option  = gohost.Host(Host)
)
