package impl

import (
	"context"
	"iter"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/gohostrpc/gohost/bench/codecpb"
	"github.com/gohostrpc/gohost/stream"
)

// Sent are two servers that create a nested message for each one that they send: a new
// one, or one from vtprotobuf's pool, which gets it back after yield has returned. Both
// use package vtcodec, and their clients reuse messages.
var Sent = []CarrierStart{
	{"fresh", func() (Carrier, error) { return sender{next: NewOrder, done: func(*codecpb.Order) {}}.start() }},
	{"pooled", func() (Carrier, error) {
		return sender{next: pooledOrder, done: (*codecpb.Order).ReturnToVTPool}.start()
	}},
}

type sender struct {
	codecpb.UnimplementedOrders
	next func() *codecpb.Order
	done func(*codecpb.Order)
}

func (s sender) Download(_ context.Context, amount *codecpb.Amount) iter.Seq2[*codecpb.Order, error] {
	return func(yield func(*codecpb.Order, error) bool) {
		for range amount.GetCount() {
			order := s.next()
			goOn := yield(order, nil)
			s.done(order)
			if !goOn {
				return
			}
		}
	}
}

func (s sender) start() (Carrier, error) {
	server, dial := codecs(true)
	codecpb.RegisterOrders(server, s)
	cc, stop, err := serve(server, dial...)
	if err != nil {
		return Carrier{}, err
	}
	return sequences[codecpb.Order]{}.carrier(func(cc connection) service[codecpb.Order] {
		return codecpb.NewOrdersStub(cc).With(stream.ReuseMessages())
	}, cc, stop), nil
}

// pooledOrder is like NewOrder, with messages from the pool.
func pooledOrder() *codecpb.Order {
	o := codecpb.OrderFromVTPool()
	o.Id = "2026-11-26/000017"
	o.Placed = &timestamppb.Timestamp{Seconds: 1795683722, Nanos: 123456789}
	o.Customer = codecpb.CustomerFromVTPool()
	o.Customer.Name = "Ada Lovelace"
	o.Customer.Address = codecpb.AddressFromVTPool()
	o.Customer.Address.Street, o.Customer.Address.City, o.Customer.Address.Zip = "12 St James's Square", "London", 12345
	o.Labels = map[string]string{"channel": "web", "locale": "en-GB"}
	card := codecpb.CardFromVTPool()
	card.Number, card.Expires = 4111111111111111, 2712
	o.Payment = &codecpb.Order_Card{Card: card}
	for range 4 {
		item := codecpb.ItemFromVTPool()
		item.Sku, item.Quantity, item.Price = "SKU-0123456", 2, codecpb.PriceFromVTPool()
		item.Price.Currency, item.Price.Cents = "EUR", 12999
		o.Items = append(o.Items, item)
	}
	return o
}
