{{- define "kiwi.podSecurity" -}}
runAsNonRoot: true
{{- if not .Values.openshift.enabled }}
runAsUser: 1001
runAsGroup: 0
fsGroup: 1001
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "kiwi.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What the pods that serve or work have in common; the lists of containers are the caller's. */}}
{{- define "kiwi.podPlacement" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $root.Values.topologySpread }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "kiwi.instance" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $component }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}

{{/* The server's container writes only here. */}}
{{- define "kiwi.volumeMounts" -}}
- { name: scratch, mountPath: /tmp, subPath: tmp }
- { name: scratch, mountPath: /run/kiwi, subPath: run }
- { name: scratch, mountPath: /Kiwi/static, subPath: static }
{{- if .Values.tls.existingSecret }}
- { name: certificate, mountPath: /Kiwi/ssl, readOnly: true }
{{- else }}
- { name: scratch, mountPath: /Kiwi/ssl, subPath: ssl }
{{- end }}
{{- if eq .Values.storage.backend "fs" }}
- { name: uploads, mountPath: /Kiwi/uploads }
{{- end }}
{{- if .Values.config }}
- { name: settings, mountPath: /Kiwi/etc, readOnly: true }
{{- end }}
{{- include "kiwi.databaseMount" . }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "kiwi.databaseMount" -}}
{{- if include "kiwi.databaseAuthority" . }}
- { name: database-authority, mountPath: /run/secrets/kiwi/database, readOnly: true }
{{- end }}
{{- end -}}

{{- define "kiwi.databaseVolume" -}}
{{- with include "kiwi.databaseAuthority" . }}
- name: database-authority
  secret:
    secretName: {{ . }}
    items: [{ key: ca.crt, path: ca.crt }]
{{- end }}
{{- end -}}

{{- define "kiwi.volumes" -}}
- name: scratch
  emptyDir: {}
{{- with .Values.tls.existingSecret }}
- name: certificate
  secret:
    secretName: {{ . }}
    items:
      - { key: tls.crt, path: localhost.crt }
      - { key: tls.key, path: localhost.key }
{{- end }}
{{- if eq .Values.storage.backend "fs" }}
- name: uploads
  {{- if .Values.storage.persistent }}
  persistentVolumeClaim:
    claimName: {{ .Values.storage.existingClaim | default (printf "%s-uploads" (include "kiwi.fullname" .)) }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- if .Values.config }}
- name: settings
  configMap:
    name: {{ include "kiwi.fullname" . }}-settings
{{- end }}
{{- include "kiwi.databaseVolume" . }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The pod of the Deployments. Arguments: root, component, resources. */}}
{{- define "kiwi.pod" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := $root.Values -}}
metadata:
  labels:
    {{- include "kiwi.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
    kiwi/internal-listener: "true"
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # a new file is read at a start only
    checksum/settings: {{ include "kiwi.settings" (list "" $values.config) | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "kiwi.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "kiwi.podSecurity" $root | nindent 4 }}
  {{- include "kiwi.podPlacement" (list $root $component) | trim | nindent 2 }}
  {{- with $values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: kiwi
      image: {{ include "kiwi.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: [/Kiwi/manage.py]
      {{- if eq $component "worker" }}
      args: [worker]
      {{- else if $values.worker.enabled }}
      args: [serve, --no-worker]
      {{- else }}
      args: [serve]
      {{- end }}
      env:
        {{- include "kiwi.environment" $root | trim | nindent 8 }}
        {{- if and (eq $component "web") (eq (include "kiwi.migrations" $root) "startup") }}
        - name: KIWI_AUTO_MIGRATE
          value: "true"
        {{- end }}
      {{- with $values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- if eq $component "web" }}
        - { name: http, containerPort: 8080 }
        - { name: https, containerPort: 8443 }
        {{- end }}
        - { name: internal, containerPort: 8081 }
      startupProbe:
        {{- toYaml $values.probes.startup | nindent 8 }}
      livenessProbe:
        {{- toYaml $values.probes.liveness | nindent 8 }}
      readinessProbe:
        {{- toYaml $values.probes.readiness | nindent 8 }}
      {{- if and (eq $component "web") $values.drainSeconds }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ $values.drainSeconds }} }
      {{- end }}
      securityContext:
        {{- include "kiwi.containerSecurity" $root | nindent 8 }}
      resources:
        {{- toYaml (index . 2) | nindent 8 }}
      volumeMounts:
        {{- include "kiwi.volumeMounts" $root | trim | nindent 8 }}
    {{- with $values.sidecars }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "kiwi.volumes" $root | trim | nindent 4 }}
{{- end -}}
