// Package core is a stand-in that has the names that samples use.
package core

import "github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"

type HcHttpClient struct{}

type HcHttpClientBuilder struct{}

func (builder *HcHttpClientBuilder) WithCredential(credential auth.ICredential) *HcHttpClientBuilder {
	return builder
}

func (builder *HcHttpClientBuilder) WithEndpoints(endpoints []string) *HcHttpClientBuilder {
	return builder
}

func (builder *HcHttpClientBuilder) SafeBuild() (*HcHttpClient, error) {
	return &HcHttpClient{}, nil
}
