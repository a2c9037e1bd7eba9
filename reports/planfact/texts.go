package planfact

import (
	"channelbook/ent/goal"
	"channelbook/goals"
)

// What people read.
const (
	textTitle    = "План и факт"
	textOverview = "Итоги"
	textList     = "Список"

	textPeriod      = "Месяцы"
	textDistributor = "Дистрибьютор"
	textEverybody   = "все"
	textAsOf        = "Данные на"
	textFacts       = "Факт"
	textHowFacts    = "закрытых месяцев — как при закрытии, остальных — на момент отчёта"
	textColors      = "Цвета"
	textHowColors   = "зелёный — выполнен или с опережением, голубой — по графику, жёлтый — отстаёт, красный — не выполнен"
	textNothing     = "нет"
	textAll         = "Все дистрибьюторы"
	textTotal       = "Всего"
	textNoGoal      = "Нет плана"

	headMonth      = "Месяц"
	headMonthFrom  = "Месяц с"
	headMetric     = "Показатель"
	headMeasure    = "Строка"
	headPlan       = "План"
	headFact       = "Факт"
	headDifference = "Отклонение"
	headShare      = "Выполнение"
	headStanding   = "Положение"

	chartFormat = "%s: план и факт по месяцам"
	titleFormat = "План и факт: %s"
)

var metricTexts = map[goal.Metric]string{
	goal.MetricPAYOUT: "Выплаты", goal.MetricREVENUE: "Выручка", goal.MetricSALE_COUNT: "Продажи", goal.MetricLEAD_COUNT: "Лиды",
}

// unitTexts name a metric with what it is counted in.
var unitTexts = map[goal.Metric]string{
	goal.MetricPAYOUT: "Выплаты, ₽", goal.MetricREVENUE: "Выручка, ₽", goal.MetricSALE_COUNT: "Продажи, шт.", goal.MetricLEAD_COUNT: "Лиды, шт.",
}

var standingTexts = map[goals.Standing]string{
	goals.Reached: "Выполнен", goals.Ahead: "С опережением", goals.OnTrack: "По графику", goals.Behind: "Отстаёт", goals.Missed: "Не выполнен",
}

// standingColors are those of the cells, told in textHowColors.
var standingColors = map[goals.Standing]string{
	goals.Reached: "C6EFCE", goals.Ahead: "E2EFDA", goals.OnTrack: "DDEBF7", goals.Behind: "FFEB9C", goals.Missed: "FFC7CE",
}
