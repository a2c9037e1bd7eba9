package ent

//go:generate go tool ent generate --feature privacy,intercept,sql/modifier,sql/execquery,sql/upsert,schema/snapshot ./schema
