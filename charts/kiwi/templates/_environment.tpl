{{/* Variables with which the server finds its database. With `.direct` beside the usual names no
pooler is asked that is not there yet, or need not be. */}}
{{- define "kiwi.environment.database" -}}
{{- $database := .Values.database -}}
{{- if $database.urlSecret }}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: { name: {{ $database.urlSecret }}, key: url }
{{- else if $database.host }}
{{- $direct := and .direct $database.directHost }}
- name: KIWI_DB_HOST
  value: {{ ternary $database.directHost $database.host (not (empty $direct)) | quote }}
- name: KIWI_DB_PORT
  value: {{ ternary $database.directPort $database.port (not (empty $direct)) | quote }}
- name: KIWI_DB_NAME
  value: {{ $database.name | quote }}
- name: KIWI_DB_USER
  value: {{ $database.user | quote }}
- name: KIWI_DB_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ $database.existingSecret }}, key: password }
{{- else if and .Values.cnpg.pooler.enabled (not .direct) }}
- name: KIWI_DB_HOST
  value: {{ include "kiwi.cluster" . }}-pooler
- name: KIWI_DB_DIRECT_HOST
  value: {{ include "kiwi.cluster" . }}-rw
{{- range $variable, $key := dict "NAME" "dbname" "USER" "username" "PASSWORD" "password" }}
- name: KIWI_DB_{{ $variable }}
  valueFrom:
    secretKeyRef: { name: {{ include "kiwi.cluster" $ }}-app, key: {{ $key }} }
{{- end }}
{{- else }}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: { name: {{ include "kiwi.cluster" . }}-app, key: uri }
{{- end }}
{{- if and $database.directHost (or $database.urlSecret (not .direct)) }}
- name: KIWI_DB_DIRECT_HOST
  value: {{ $database.directHost | quote }}
- name: KIWI_DB_DIRECT_PORT
  value: {{ $database.directPort | quote }}
{{- end }}
{{- $mode := $database.sslmode | default (ternary "require" "" .Values.cnpg.enabled) }}
{{- with $mode }}
- name: PGSSLMODE
  value: {{ . }}
{{- end }}
{{- if include "kiwi.databaseAuthority" . }}
- name: PGSSLROOTCERT
  value: /run/secrets/kiwi/database/ca.crt
{{- end }}
{{- end -}}

{{/* Secret with the authority of the database's certificate, if it is to be checked with one. */}}
{{- define "kiwi.databaseAuthority" -}}
{{- if .Values.database.sslRootCertSecret -}}
{{- .Values.database.sslRootCertSecret -}}
{{- else if and .Values.cnpg.enabled (hasPrefix "verify-" .Values.database.sslmode) -}}
{{- include "kiwi.cluster" . }}-ca
{{- end -}}
{{- end -}}

{{/* Variables of every container of the server. */}}
{{- define "kiwi.environment" -}}
{{- include "kiwi.environment.database" . }}
- name: SECRET_KEY
  valueFrom:
    secretKeyRef: { name: {{ include "kiwi.secretKeySecret" . }}, key: secret-key }
- name: KIWI_INTERNAL
  value: "0.0.0.0:8081"
{{- with .Values.tenancy.domain }}
- name: KIWI_TENANTS_DOMAIN
  value: {{ . | quote }}
{{- end }}
- name: KIWI_STORAGE_BACKEND
  value: {{ .Values.storage.backend }}
{{- if eq .Values.storage.backend "s3" }}
{{- with .Values.storage.s3 }}
- name: KIWI_STORAGE_S3_BUCKET
  value: {{ .bucket | quote }}
{{- with .region }}
- name: KIWI_STORAGE_S3_REGION
  value: {{ . | quote }}
{{- end }}
{{- with .endpoint }}
- name: KIWI_STORAGE_S3_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .prefix }}
- name: KIWI_STORAGE_S3_PREFIX
  value: {{ . | quote }}
{{- end }}
- name: KIWI_STORAGE_S3_PATH_STYLE
  value: {{ .pathStyle | quote }}
{{- with .existingSecret }}
- name: KIWI_STORAGE_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: access-key }
- name: KIWI_STORAGE_S3_SECRET_KEY
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: secret-key }
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.email }}
{{- if .host }}
- name: KIWI_MAIL_HOST
  value: {{ .host | quote }}
- name: KIWI_MAIL_PORT
  value: {{ .port | quote }}
- name: KIWI_MAIL_SECURITY
  value: {{ .security }}
{{- end }}
{{- with .from }}
- name: KIWI_MAIL_FROM
  value: {{ . | quote }}
{{- end }}
{{- with .subject }}
- name: KIWI_MAIL_SUBJECT_PREFIX
  value: {{ . | quote }}
{{- end }}
{{- with .existingSecret }}
- name: KIWI_MAIL_USER
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: user }
- name: KIWI_MAIL_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: password }
{{- end }}
{{- end }}
- name: POD_NAME
  valueFrom:
    fieldRef: { fieldPath: metadata.name }
- name: POD_NAMESPACE
  valueFrom:
    fieldRef: { fieldPath: metadata.namespace }
- name: OTEL_RESOURCE_ATTRIBUTES
  value: service.instance.id=$(POD_NAME),k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE)
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Lines of a settings file: the nested tables of `config`, one dotted key a line. JSON's texts,
numbers, switches and lists are TOML's too. */}}
{{- define "kiwi.settings" -}}
{{- $prefix := index . 0 -}}
{{- range $name, $value := index . 1 -}}
{{- $key := ternary $name (printf "%s.%s" $prefix $name) (empty $prefix) -}}
{{- if kindIs "map" $value -}}
{{- include "kiwi.settings" (list $key $value) -}}
{{- else -}}
{{ $key }} = {{ toRawJson $value }}
{{ end -}}
{{- end -}}
{{- end -}}
