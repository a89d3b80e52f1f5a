{{/* The name of all objects. */}}
{{- define "raftkv.name" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if eq .Release.Name .Chart.Name -}}
{{ .Chart.Name }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* What nodes are found by. */}}
{{- define "raftkv.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "raftkv.labels" -}}
{{ include "raftkv.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "raftkv.scheme" -}}
{{ if .Values.tls.enabled }}https{{ else }}http{{ end }}
{{- end -}}

{{/* The founding list: pods of a StatefulSet have the same names for ever. */}}
{{- define "raftkv.cluster" -}}
{{- $name := include "raftkv.name" . -}}
{{- $scheme := include "raftkv.scheme" . -}}
{{- range $i := until (int .Values.replicas) -}}
{{ if $i }},{{ end }}{{ $name }}-{{ $i }}={{ $scheme }}://{{ $name }}-{{ $i }}.{{ $name }}-nodes:2380
{{- end -}}
{{- end -}}

{{/* Whom the platform knows the pods as. */}}
{{- define "raftkv.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "raftkv.name" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}
