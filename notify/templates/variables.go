package templates

import (
	"cmp"

	"channelbook/personaldata/processors"
)

// Variable is what stands in a text of ours as {{name}}, or is a value of a provider's template.
type Variable struct {
	Name        string
	Description string          // for administrators, in Russian
	Data        processors.Data // the category that it carries; empty: none
	Sample      string
	value       func(s *Service, f *facts) string
}

// ofAll, ofNotices and ofWelcomes are the catalogue: what every template may have, what those of notices and what a welcome besides.
var (
	ofAll = []Variable{
		{Name: "company.name", Description: "Название нашей компании", value: func(_ *Service, f *facts) string { return cmp.Or(f.company, ourName) }},
	}
	ofNotices = []Variable{
		{Name: "notice.title", Description: "Заголовок уведомления; у сводки — сколько их и о чём", value: func(_ *Service, f *facts) string { return f.title() }},
		{Name: "notice.text", Description: "Текст уведомления; у сводки — список с временем", value: func(_ *Service, f *facts) string { return f.text() }},
		{Name: "notice.time", Description: "Когда это произошло, по времени компании; у сводки — последнее", value: func(_ *Service, f *facts) string { return f.at() }},
		{Name: "notice.link", Description: "Ссылка на то, о чём уведомление; у сводки — на ленту", value: func(s *Service, f *facts) string { return f.link(s.link(feedPage)) }},
		{Name: "notice.count", Description: "Сколько уведомлений в сообщении", value: func(_ *Service, f *facts) string { return f.count() }},
		{Name: "recipient.name", Description: "Имя получателя, сотрудника", Data: processors.EmployeeName, value: func(_ *Service, f *facts) string { return cmp.Or(f.recipient, somebody) }},
	}
	ofWelcomes = []Variable{
		{Name: "client.firstName", Description: "Имя клиента из заявки", Data: processors.ClientName, value: func(_ *Service, f *facts) string { return cmp.Or(f.client, client) }},
		{Name: "distributor.name", Description: "Название дистрибьютора", value: func(_ *Service, f *facts) string { return f.distributor.name }},
		{Name: "distributor.phone", Description: "Телефон дистрибьютора из его карточки", value: func(_ *Service, f *facts) string { return f.distributor.phone }},
		{Name: "distributor.email", Description: "Почта дистрибьютора из его карточки", value: func(_ *Service, f *facts) string { return f.distributor.email }},
		{Name: "distributor.website", Description: "Сайт дистрибьютора", value: func(_ *Service, f *facts) string { return f.distributor.website }},
	}
)

// declared are the variables of a kind.
func declared(kind string) []Variable {
	if kind == Welcome {
		return append(ofWelcomes[:len(ofWelcomes):len(ofWelcomes)], ofAll...)
	}
	return append(ofNotices[:len(ofNotices):len(ofNotices)], ofAll...)
}

// Variables are those of a kind, with a sample of each.
func (s *Service) Variables(kind string) []Variable {
	f := s.sampleFacts(kind, processors.Entry{})
	list := declared(kind)
	for i, v := range list {
		list[i].Sample = v.value(s, &f)
	}
	return list
}
