package notify

import (
	"time"

	"channelbook/ent/notice"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
)

// deliveriesPage is where the frontend shows what has left the house, webhooksPage where it shows integrators' addresses.
const (
	deliveriesPage = "/deliveries"
	webhooksPage   = "/webhooks/"
)

// channelNames are the channels as people call them.
var channelNames = map[string]string{channel.Email: "Электронная почта", channel.WhatsApp: "WhatsApp"}

// ChannelStopped tells administrators that a channel takes no messages, with the provider's code of the reason, and when it is
// tried again, in the business's time zone.
func ChannelStopped(name, code string, again time.Time) Event {
	return Event{Kind: notice.KindCHANNEL_STOPPED, Title: channelNames[name] + ": отправка остановлена",
		Text: "Поставщик не принимает сообщения (код " + code + "). Сообщения ждут и уйдут, когда отправка возобновится; следующая попытка — " +
			again.Format("02.01.2006, 15:04") + ".", URL: deliveriesPage}
}

// TemplateHeld tells administrators that a provider holds one of its templates, with its code of the reason, and when that is tried
// again, in the business's time zone. The other messages of the channel go on.
func TemplateHeld(name, template, code string, again time.Time) Event {
	return Event{Kind: notice.KindCHANNEL_STOPPED, Title: channelNames[name] + ": шаблон приостановлен",
		Text: "Поставщик не принимает сообщения по шаблону " + template + " (код " + code + "). Они ждут, остальные отправляются; следующая попытка — " +
			again.Format("02.01.2006, 15:04") + ".", URL: deliveriesPage}
}

// ChannelResumed tells administrators that it takes messages again.
func ChannelResumed(name string) Event {
	return Event{Kind: notice.KindCHANNEL_RESUMED, Title: channelNames[name] + ": отправка возобновлена",
		Text: "Поставщик снова принимает сообщения. Те, что ждали, отправляются.", URL: deliveriesPage}
}

// WebhookStopped tells administrators that a webhook gets no more events, after so many attempts in a row that failed.
func WebhookStopped(id gid.ID, name string, failures int) Event {
	return about(notice.KindWEBHOOK_STOPPED, "Вебхук остановлен", name+"\nАдрес не принял события "+Counted(int64(failures), "раз", "раза", "раз")+
		" подряд, и отправка остановлена. Проверьте адрес и включите вебхук снова.", gid.Webhook, id, webhooksPage)
}
