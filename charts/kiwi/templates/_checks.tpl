{{/* What a schema cannot say: values that do not fit together, and those of other charts. */}}
{{- define "kiwi.checks" -}}
{{- if .Values.media }}{{ fail "media.* does not exist: files lie where storage.* says, and their addresses are fixed" }}{{ end -}}
{{- if .Values.mariadb }}{{ fail "mariadb.* does not exist: the server needs PostgreSQL; set database.* or cnpg.enabled" }}{{ end -}}
{{- if .Values.database.type }}{{ fail "database.type does not exist: the server needs PostgreSQL; set database.* or cnpg.enabled" }}{{ end -}}

{{- $databases := list -}}
{{- if .Values.database.urlSecret }}{{ $databases = append $databases "database.urlSecret" }}{{ end -}}
{{- if .Values.database.host }}{{ $databases = append $databases "database.host" }}{{ end -}}
{{- if .Values.cnpg.enabled }}{{ $databases = append $databases "cnpg.enabled" }}{{ end -}}
{{- if not $databases }}{{ fail "no database: set database.urlSecret, database.host, or cnpg.enabled" }}{{ end -}}
{{- if gt (len $databases) 1 }}{{ fail (printf "more than one database: %s; set one of them" (join " and " $databases)) }}{{ end -}}
{{- if and .Values.database.host (not .Values.database.existingSecret) }}{{ fail "database.existingSecret is needed beside database.host: a Secret with the key `password`" }}{{ end -}}
{{- if and .Values.database.directHost .Values.cnpg.enabled }}{{ fail "database.directHost is not needed with cnpg.enabled: the way past cnpg.pooler is known" }}{{ end -}}
{{- if and .Values.cnpg.pooler.enabled (not .Values.cnpg.enabled) }}{{ fail "cnpg.pooler.enabled needs cnpg.enabled; name a pooler of your own with database.host and the way past it with database.directHost" }}{{ end -}}
{{- if and (hasPrefix "verify-" .Values.database.sslmode) .Values.cnpg.enabled .Values.database.sslRootCertSecret }}{{ fail "database.sslRootCertSecret is not needed with cnpg.enabled: the cluster's own authority is used" }}{{ end -}}

{{- $many := or (include "kiwi.manyWebPods" .) .Values.worker.enabled -}}
{{- if and $many (eq .Values.storage.backend "fs") -}}
{{- if not .Values.storage.persistent }}{{ fail "several pods need one place for uploads: set storage.persistent, or storage.backend: s3" }}{{ end -}}
{{- if ne .Values.storage.accessMode "ReadWriteMany" }}{{ fail (printf "several pods cannot share a claim with storage.accessMode: %s; set ReadWriteMany, or storage.backend: s3" .Values.storage.accessMode) }}{{ end -}}
{{- end -}}
{{- if and (eq .Values.storage.backend "s3") (not .Values.storage.s3.bucket) }}{{ fail "storage.s3.bucket is needed with storage.backend: s3" }}{{ end -}}
{{- if gt (int .Values.autoscaling.min) (int .Values.autoscaling.max) }}{{ fail "autoscaling.min is larger than autoscaling.max" }}{{ end -}}
{{- if and (eq .Values.migrations.mode "startup") (include "kiwi.manyWebPods" .) }}{{ fail "migrations.mode: startup is for one web pod; set hook" }}{{ end -}}
{{- if and (eq .Values.migrations.mode "startup") .Values.tenancy.domain }}{{ fail "migrations.mode: startup is for one tenant; set hook" }}{{ end -}}
{{- if and (eq .Values.migrations.mode "hook") .Values.cnpg.enabled .Release.IsInstall }}{{ fail "migrations.mode: hook runs before the database of cnpg.enabled exists; set auto" }}{{ end -}}

{{- with .Values.setup.superuser -}}
{{- if and .username (or (not .email) (not .existingSecret) (not $.Values.setup.domain)) }}{{ fail "setup.superuser.username also needs setup.superuser.email, setup.superuser.existingSecret and setup.domain" }}{{ end -}}
{{- end -}}
{{- if and .Values.setup.domain (not .Values.setup.superuser.username) (not .Values.ingress.enabled) }}{{ fail "setup.domain is set by the migration job only together with setup.superuser; without it use `kiwi set_domain`" }}{{ end -}}
{{- if and .Values.setup.superuser.username (has .Values.migrations.mode (list "startup" "off")) }}{{ fail (printf "setup.superuser needs a migration job: migrations.mode is %s" .Values.migrations.mode) }}{{ end -}}
{{- if and .Values.ingress.enabled (not (include "kiwi.hosts" . | fromJsonArray)) }}{{ fail "the Ingress has no host: set ingress.host, setup.domain or tenancy.domain" }}{{ end -}}
{{- if and .Values.email.host (not .Values.email.from) }}{{ fail "email.from is needed with email.host: mail waits as long as the sender is not set" }}{{ end -}}
{{- if and (not .Values.serviceAccount.create) .Values.serviceAccount.annotations }}{{ fail "serviceAccount.annotations need serviceAccount.create" }}{{ end -}}

{{- include "kiwi.needs" (list . .Values.cnpg.enabled "cnpg.enabled" "postgresql.cnpg.io/v1" "the operator of CloudNativePG") -}}
{{- include "kiwi.needs" (list . .Values.metrics.serviceMonitor.enabled "metrics.serviceMonitor.enabled" "monitoring.coreos.com/v1" "the Prometheus operator") -}}
{{- include "kiwi.needs" (list . .Values.metrics.rules.enabled "metrics.rules.enabled" "monitoring.coreos.com/v1" "the Prometheus operator") -}}
{{- end -}}

{{- define "kiwi.needs" -}}
{{- $root := index . 0 -}}
{{- if and (index . 1) (not ($root.Capabilities.APIVersions.Has (index . 3))) -}}
{{- fail (printf "%s needs %s: the cluster does not know %s (with `helm template`, pass --api-versions %s)" (index . 2) (index . 4) (index . 3) (index . 3)) -}}
{{- end -}}
{{- end -}}
