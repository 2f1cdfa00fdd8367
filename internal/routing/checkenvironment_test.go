package routing_test

import (
	"testing"

	"github.com/gohostrpc/gohost/internal/routing"
)

func TestCheckEnvironment(t *testing.T) {
	t.Parallel()
	shop := []string{"shop.orders.v1.OrderService", "shop.billing.v1.BillService", "Top"}
	const is = "environment variable GOHOST_HOSTS: entry "
	for _, test := range []struct {
		value    string
		services []string
		want     string // the error
	}{
		{value: "", services: shop},
		{value: " , ", services: shop},
		{value: "shop.orders.v1.OrderService=x.example,shop.*=y.example,*=z.example,Top=127.0.0.1:80", services: shop},
		{value: "shop.orders.*=x.example", services: shop},
		// Names that no service has. What is likely to have been meant comes first.
		{"shop.orders.v1.OrderServic=x.example", shop, is + `"shop.orders.v1.OrderServic=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"OrderService=x.example", shop, is + `"OrderService=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"orderservice=x.example", shop, is + `"orderservice=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"shop.v1.OrderService=x.example", shop, is + `"shop.v1.OrderService=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"OrderServiceV2=x.example", shop, is + `"OrderServiceV2=x.example": no service of this program matches: it has Top, shop.billing.v1.BillService, shop.orders.v1.OrderService`},
		{"b.OrderService=x.example", []string{"a.OrderService", "a.OrderServiceV2"}, is + `"b.OrderService=x.example": no service of this program matches: it has a.OrderService`},
		{"shop.orders.v1.OrderServices=x.example", shop, is + `"shop.orders.v1.OrderServices=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"shop.orders.v.*=x.example", shop, is + `"shop.orders.v.*=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"Bill=x.example", shop, is + `"Bill=x.example": no service of this program matches: it has shop.billing.v1.BillService`},
		{"shop.order.*=x.example", shop, is + `"shop.order.*=x.example": no service of this program matches: it has shop.orders.v1.OrderService`},
		{"nothing.*=x.example", []string{"a.A", "a.B", "a.C", "a.D", "a.E", "a.F", "a.G", "a.H", "a.I"}, is + `"nothing.*=x.example": no service of this program matches: it has a.A, a.B, a.C, a.D, a.E, a.F, a.G, a.H, …`},
		{"*=x.example", nil, is + `"*=x.example": no service of this program matches: it has none`},
		// Everything that is wrong is reported, whether or not it concerns a
		// service.
		{"nonsense,Top=a b,*=z.example,*=x.example,shop.*=", shop, is + `"nonsense": an entry is service=host, package.*=host or *=host
` + is + `"Top=a b": invalid host "a b": it has the character ' ': a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port
` + is + `"*=x.example": there is another entry for *
` + is + `"shop.*=": invalid host "": it is empty: a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port`},
		{"Tip=a b", shop, is + `"Tip=a b": invalid host "a b": it has the character ' ': a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port
` + is + `"Tip=a b": no service of this program matches: it has Top, shop.billing.v1.BillService, shop.orders.v1.OrderService`},
	} {
		err := routing.CheckEnvironment(test.value, test.services)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("CheckEnvironment(%q) =\n%s\nwant\n%s", test.value, got, test.want)
		}
	}
}
