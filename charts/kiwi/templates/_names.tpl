{{/* Name of the release's objects, short enough for every suffix. */}}
{{- define "kiwi.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "kiwi.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "kiwi.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "kiwi.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "kiwi.instance" -}}
app.kubernetes.io/name: {{ include "kiwi.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kiwi.labels" -}}
{{ include "kiwi.instance" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "kiwi.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "kiwi.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "kiwi.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "kiwi.secretKeySecret" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secret-key" (include "kiwi.fullname" .)) -}}
{{- end -}}

{{/* Name of the database cluster that CloudNativePG runs. */}}
{{- define "kiwi.cluster" -}}
{{- printf "%s-db" (include "kiwi.fullname" .) -}}
{{- end -}}

{{/* "yes" when there can be more than one web pod. */}}
{{- define "kiwi.manyWebPods" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}yes{{- end -}}
{{- end -}}

{{/* How the database is migrated, with `auto` resolved. */}}
{{- define "kiwi.migrations" -}}
{{- if ne .Values.migrations.mode "auto" -}}
{{- .Values.migrations.mode -}}
{{- else if and .Values.cnpg.enabled .Release.IsInstall -}}
job
{{- else -}}
hook
{{- end -}}
{{- end -}}

{{/* Host names that the Ingress serves, as a JSON list. */}}
{{- define "kiwi.hosts" -}}
{{- $hosts := list (.Values.ingress.host | default .Values.setup.domain) -}}
{{- with .Values.tenancy.domain -}}
{{- $hosts = concat $hosts (list . (printf "*.%s" .)) -}}
{{- end -}}
{{- concat $hosts .Values.ingress.extraHosts | compact | uniq | toJson -}}
{{- end -}}
